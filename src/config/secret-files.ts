import { resolve } from 'node:path';
import { FILE_VARIABLES, SECRET_VARIABLES, type VariableName } from './environment.ts';
import { type ConfigProblem, error } from './problems.ts';
import { readText } from './read-text.ts';
import type { ConfigSources } from './sources.ts';

/** A file that holds one secret, alone. */
export interface SecretFile {
  /** The variable whose value it holds. */
  readonly variable: VariableName;
  /** Absolute. */
  readonly path: string;
  /** Whether a running process takes over another value. Else it counts from the next start. */
  readonly isReadAgain: boolean;
}

/** The keys of services that are asked anew each time. */
const READ_AGAIN: readonly VariableName[] = ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'PERPLEXITY_API_KEY', 'NOTION_API_KEY'];

/**
 * Whether a file lies where containers and systemd mount secrets, for one process alone and with rights that are not
 * its own. Elsewhere below /run, files are those of everybody.
 */
export const isMountedForOne = (path: string): boolean => /^\/run\/(secrets|credentials)\//.test(path);

type Given = Readonly<Record<string, string | undefined>>;

interface SecretFiles {
  /** The variables, with the secrets of the files among them. */
  readonly given: Given;
  readonly files: readonly SecretFile[];
  readonly problems: readonly ConfigProblem[];
}

const HINT = 'put the secret into the file, alone and in one line';

/** Reads each secret that `NAME_FILE` names a file of, in place of `NAME`. No problem quotes what a file holds. */
export const readSecretFiles = (given: Given, sources: Pick<ConfigSources, 'cwd' | 'readFile' | 'kindOf'>): SecretFiles => {
  const all: Record<string, string | undefined> = { ...given };
  const files: SecretFile[] = [];
  const problems: ConfigProblem[] = [];
  for (const variable of SECRET_VARIABLES) {
    const place = `${variable}_FILE`;
    const named = given[place]?.trim();
    if (named === undefined || !FILE_VARIABLES.includes(place)) continue;
    const path = resolve(sources.cwd, named);
    files.push({ variable, path, isReadAgain: READ_AGAIN.includes(variable) });
    if (given[variable] !== undefined) {
      problems.push(error(place, `is set, and so is ${variable}: one of them is a mistake`, 'keep one of the two'));
      continue;
    }
    const text = readText(path, place, sources);
    const problem = !text.ok ? { ...text.error, problem: `the file ${path} ${text.error.problem}` } : faultOf(place, path, text.value);
    if (problem) problems.push(problem);
    else if (text.ok) all[variable] = text.value?.trim();
  }
  return { given: all, files, problems };
};

const faultOf = (place: string, path: string, text: string | undefined): ConfigProblem | undefined => {
  if (text === undefined) return error(place, `there is no file ${path}`, 'correct the path, or leave the variable unset');
  const secret = text.trim();
  if (secret === '') return error(place, `the file ${path} is empty`, HINT);
  if (/[\0\uFFFD]/.test(secret)) return error(place, `the file ${path} holds characters that are no text in UTF-8`, HINT);
  return /[\r\n]/.test(secret) ? error(place, `the file ${path} has more than one line`, HINT) : undefined;
};

/** Names the file in whatever is wrong with a secret that it holds. */
export const withSecretFiles = (problems: readonly ConfigProblem[], files: readonly SecretFile[]): ConfigProblem[] =>
  problems.map((one) => {
    const file = files.find(({ variable }) => variable === one.place);
    return file ? { ...one, place: `${file.variable}_FILE`, problem: `the file ${file.path} ${one.problem}` } : one;
  });
