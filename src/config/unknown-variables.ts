import { nearestName } from '../domain/shared/nearest-name.ts';
import { FILE_VARIABLES, SECRET_VARIABLES, VARIABLE_NAMES } from './environment.ts';
import type { ConfigProblem } from './problems.ts';
import { suggestion, warning } from './problems.ts';

/** Read beside Kept's own variables. */
const ALSO_READ = ['TZ'];
/** Kept's own prefixes. */
const OWN_FAMILY = /^(KEPT|PROMISE)_/i;
/** Read by the libraries of the models, or by OpenSSL, from the environment of the process alone. */
const OF_LIBRARIES =
  /^(SSL_CERT_FILE|SSL_CERT_DIR|ANTHROPIC_(AUTH_TOKEN|LOG|CUSTOM_HEADERS|PROFILE|WEBHOOK_SIGNING_KEY)|OPENAI_(ORG_ID|PROJECT_ID|ADMIN_KEY|WEBHOOK_SECRET|LOG|CUSTOM_HEADERS))$/;
/**
 * The environment of a process holds the variables of every program. Only a name that is one word away from one of ours
 * is taken for a mistake.
 */
const SERVICES = /^(ANTHROPIC|OPENAI|PERPLEXITY|NOTION|TELEGRAM)_/i;
const WORDS: Readonly<Record<string, string>> = {
  CLAUDE: 'ANTHROPIC',
  GPT: 'OPENAI',
  CHATGPT: 'OPENAI',
  PPLX: 'PERPLEXITY',
  TG: 'TELEGRAM',
  APIKEY: 'API_KEY',
  APITOKEN: 'API_TOKEN',
  BASEURL: 'BASE_URL',
  POSTGRES: 'DATABASE',
  POSTGRESQL: 'DATABASE',
  DB: 'DATABASE',
};
/** What is said of a variable that is not known. */
export const EFFECT = 'no such variable is known: it has no effect';
const DOCUMENTED = 'see docs/reference/configuration.md';

export const isKnownVariable = (name: string): boolean => [...ALSO_READ, ...VARIABLE_NAMES, ...FILE_VARIABLES].includes(name);

/** Names in the environment of the process that look like ours and are not. */
export const unknownInProcess = (names: readonly string[]): ConfigProblem[] =>
  names.flatMap((name) => {
    if (isKnownVariable(name) || OF_LIBRARIES.test(name)) return [];
    const nearest = nearestVariable(name);
    if (!OWN_FAMILY.test(name) && (nearest === undefined || !isNear(name, nearest))) return [];
    return [warning(name, EFFECT, suggestion(nearest, DOCUMENTED))];
  });

/** Every name of a `.env` file, which is Kept's own, that is not known; with its line, counted from 1. */
export const unknownInFile = (lines: ReadonlyMap<string, number>): ConfigProblem[] =>
  [...lines]
    .filter(([name]) => !isKnownVariable(name))
    .map(([name, line]) => warning(`${name} (.env: line ${line})`, EFFECT, suggestion(nearestVariable(name), hintFor(name))));

/** What stands in the file is Kept's own: nothing of it reaches the packages. */
const hintFor = (name: string): string =>
  /_API_KEY$/i.test(name) ? 'packages of the AI SDK read the environment of the process: set it there' : DOCUMENTED;

/** The variable that a name most likely means, by its letters or by its words. */
export const nearestVariable = (name: string): string | undefined => {
  const ofFile = /^(.+)[_.-]FILE$/i.exec(name)?.[1];
  const file = ofFile === undefined ? undefined : `${nearestVariable(ofFile)}_FILE`;
  if (file !== undefined && FILE_VARIABLES.includes(file)) return file;
  const words = name.toUpperCase().split(/[_.-]+/);
  const written = words.map((word) => WORDS[word] ?? word).join('_');
  const near = nearestName(written, VARIABLE_NAMES);
  if (near !== undefined) return near;
  const bare = written.replace(OWN_FAMILY, '');
  const short = bare === written ? undefined : nearestName(bare, VARIABLE_NAMES);
  if (short !== undefined) return short;
  const within = VARIABLE_NAMES.filter((known) => known.endsWith(`_${written}`));
  if (within.length === 1) return within[0];
  const [service = ''] = written.split('_');
  const secrets = SECRET_VARIABLES.filter((known) => known.startsWith(`${service}_`));
  return /(KEY|TOKEN|SECRET)$/.test(written) ? secrets[0] : undefined;
};

/** Whether it names a service that Kept uses, or is two letters away from a longer name of Kept's. */
const isNear = (name: string, nearest: string): boolean =>
  SERVICES.test(name) || (nearest.length >= 10 && nearestName(name, [nearest], 2) !== undefined);
