import { createRequire } from 'node:module';
import type * as Yaml from 'yaml';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import { type ConfigProblem, error } from '../problems.ts';

/** A Markdown file with YAML before it. */
export interface FrontMatter {
  readonly values: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** More is no agent and no skill. */
export const MAX_FILE_LENGTH = 200_000;
const MAX_FRONT_LENGTH = 20_000;
const MAX_FAULTS = 5;
const FENCE = /^---[ \t]*\r?\n([\s\S]*?)(?<=\n)---[ \t]*(?:\r?\n|$)/;
const WRITE_ONE = 'begin it with a line ---, then name: and description:, then a line ---, then the instructions';

/** Loaded with the first file: most commands read none, and should not wait for it. */
const yamlModule = (): typeof Yaml => createRequire(import.meta.url)('yaml') as typeof Yaml;

/**
 * Splits a file into its front matter and its text. Problems name the line where it is known; `shorter` says how a file
 * that is too long becomes shorter.
 */
export const readFrontMatter = (
  file: string,
  text: string,
  shorter = 'move parts of it into a skill',
): Result<FrontMatter, readonly ConfigProblem[]> => {
  const wrong = (problem: string, hint: string) => err([error(file, problem, hint)]);
  if (text.length > MAX_FILE_LENGTH) return wrong(`is longer than ${MAX_FILE_LENGTH} characters`, shorter);
  if (text.includes('\uFFFD') || text.includes('\0')) return wrong('is not a text in UTF-8', 'save it as UTF-8');
  const written = text.replace(/^\uFEFF/, '');
  const [fenced, yaml] = FENCE.exec(written) ?? [];
  if (fenced === undefined || yaml === undefined) return wrong('has no front matter', WRITE_ONE);
  if (yaml.length > MAX_FRONT_LENGTH) return wrong(`its front matter is longer than ${MAX_FRONT_LENGTH} characters`, WRITE_ONE);
  const { isAlias, parseDocument, visit } = yamlModule();
  const document = parseDocument(yaml, { uniqueKeys: true, prettyErrors: false });
  const faults = [...document.errors, ...document.warnings].slice(0, MAX_FAULTS);
  if (faults.length > 0)
    return err(
      faults.map(({ pos: [at], message }) =>
        error(`${file}: line ${lineAt(yaml, at) + 1}`, `is no YAML that is read here: ${message}`, 'correct the front matter'),
      ),
    );
  let hasAlias = false;
  visit(document, (_, node) => {
    hasAlias ||= isAlias(node);
  });
  if (hasAlias) return wrong('its front matter has an alias (*name)', 'write the value again in its place');
  const values: unknown = document.toJS();
  if (typeof values !== 'object' || values === null || Array.isArray(values)) return wrong('its front matter has no keys', WRITE_ONE);
  return ok({ values: values as Record<string, unknown>, body: written.slice(fenced.length).trim() });
};

const lineAt = (text: string, at: number): number => text.slice(0, at).split('\n').length;
