import { z } from 'zod';
import { nearestName } from '../domain/shared/nearest-name.ts';
import { findJsonFaults } from './json-faults.ts';
import { type ConfigProblem, error, keyPath, suggestion, warning } from './problems.ts';
import { JSON_HINTS } from './read-workspace-file.ts';
import { isSecretName } from './secret-name.ts';
import { wrongShape } from './wrong-shape.ts';

/** A server of `.mcp.json`. */
export type McpServerSettings = StdioServerSettings | HttpServerSettings;

interface StdioServerSettings {
  readonly kind: 'stdio';
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the few variables that every server gets. */
  readonly env: Readonly<Record<string, string>>;
}

interface HttpServerSettings {
  readonly kind: 'http';
  readonly name: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

interface McpFile {
  readonly servers: readonly McpServerSettings[];
  /** Names of the entries that are disabled. */
  readonly disabled: readonly string[];
  /** Keys and passwords that the entries hold. */
  readonly secrets: readonly string[];
}

const text = z.string();
const texts = z.record(z.string(), text);
const shared = { type: text.optional(), disabled: z.boolean().default(false) };
const stdioShape = { ...shared, command: text.trim().min(1), args: z.array(text).default([]), env: texts.default({}) };
const httpShape = { ...shared, url: text.trim().min(1), headers: texts.default({}) };
const fileSchema = z.looseObject({ mcpServers: z.record(text, z.record(text, z.unknown())).default({}) });

/** A name that stands between `mcp__` and `__` in the names of tools. */
const NAME = /^[A-Za-z\d](?:[A-Za-z\d-]|_(?!_)){0,30}[A-Za-z\d]$|^[A-Za-z\d]$/;
const NAME_HINT = 'use 1 to 32 letters, digits, - and single _, with a letter or digit at both ends';
/** More are no configuration, but a mistake. */
const MAX_SERVERS = 50;

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the servers of an `.mcp.json`, as other programs have it, too: `${NAME}` and `${NAME:-default}` stand for
 * variables of the environment. Reports all problems at once, and lets keys of other programs be. An entry with a
 * problem is left out.
 */
export const readMcpFile = (file: string, source: string, env: Env): McpFile & { readonly problems: readonly ConfigProblem[] } => {
  const none = { servers: [], disabled: [], secrets: [] };
  const json = source.replace(/^\uFEFF/, '');
  const faults = findJsonFaults(json);
  const problems = faults.map(({ line, column, problem, kind }) =>
    error(`${file}: line ${line}, column ${column}`, problem, JSON_HINTS[kind]),
  );
  if (faults.some(({ kind }) => kind === 'syntax')) return { ...none, problems };
  const written = fileSchema.safeParse(JSON.parse(json));
  if (!written.success) {
    const wrong = written.error.issues.map((issue) => wrongShape(placeIn(file, issue.path), issue));
    return { ...none, problems: [...problems, ...wrong] };
  }
  const entries = Object.entries(written.data.mcpServers);
  if (entries.length > MAX_SERVERS)
    return { ...none, problems: [error(`${file}: mcpServers`, `has ${entries.length} servers`, `keep at most ${MAX_SERVERS}`)] };
  const lower = new Map<string, string>();
  const read = entries.map(([name, entry]) => {
    const first = lower.get(name.toLowerCase());
    lower.set(name.toLowerCase(), name);
    const place = `${file}: ${keyPath(['mcpServers', name])}`;
    if (first !== undefined) return { problems: [error(place, `differs from ${first} only in its case`, 'rename one of the two')] };
    return readEntry(name, entry, place, env);
  });
  const servers = read.flatMap((one) => ('server' in one && one.server ? [one.server] : []));
  const disabled = entries.flatMap(([name, entry]) => (entry.disabled === true ? [name] : []));
  return { servers, disabled, secrets: secretsOf(servers), problems: [...problems, ...read.flatMap((one) => one.problems)] };
};

const placeIn = (file: string, path: readonly PropertyKey[]): string => (path.length === 0 ? file : `${file}: ${keyPath(path)}`);

const readEntry = (
  name: string,
  entry: Readonly<Record<string, unknown>>,
  place: string,
  env: Env,
): { readonly server?: McpServerSettings; readonly problems: readonly ConfigProblem[] } => {
  if (entry.disabled === true) return { problems: [] };
  const problems: ConfigProblem[] = [];
  const at = (path: readonly PropertyKey[]): string => (path.length === 0 ? place : `${place}.${keyPath(path)}`);
  if (!NAME.test(name)) problems.push(error(place, 'this name of a server does not fit into names of tools', NAME_HINT));
  const [isHttp, isStdio] = [entry.url !== undefined, entry.command !== undefined];
  if (isHttp && isStdio) problems.push(error(place, 'has both a command and a url', 'keep one of the two'));
  if (!isHttp && !isStdio) {
    const near = nearestName('command', Object.keys(entry)) ?? nearestName('url', Object.keys(entry));
    const hint = near === undefined ? 'add "command" for a program, or "url" for a server' : `is "${near}" a slip?`;
    return { problems: [...problems, error(place, 'has neither a command nor a url', hint)] };
  }
  if (entry.type === 'sse')
    problems.push(error(at(['type']), 'the old transport "sse" is not spoken', 'use the address of the same server for "http"'));
  const shape = isHttp ? httpShape : stdioShape;
  for (const key of Object.keys(entry).filter((one) => !Object.hasOwn(shape, one))) {
    const near = nearestName(key, Object.keys(shape));
    if (near !== undefined) problems.push(warning(at([key]), 'this key is not known', suggestion(near, 'leave it out')));
  }
  const expanded = withVariables(entry, env, (path, problem, hint) => problems.push(error(at(path), problem, hint)));
  const parsed = isHttp ? z.object(httpShape).safeParse(expanded) : z.object(stdioShape).safeParse(expanded);
  if (!parsed.success) return { problems: [...problems, ...parsed.error.issues.map((issue) => wrongShape(at(issue.path), issue))] };
  const { data } = parsed;
  problems.push(...placeholdersIn('headers' in data ? { headers: data.headers } : { env: data.env }, at));
  if ('url' in data) problems.push(...addressProblems(data.url, at(['url'])), ...headerProblems(data.headers, at));
  if ('command' in data && data.command.startsWith('~'))
    problems.push(error(at(['command']), '~ is not expanded', 'write the path in full'));
  if (problems.some(({ severity }) => severity === 'error')) return { problems };
  return {
    server:
      'url' in data
        ? { kind: 'http', name, url: data.url, headers: data.headers }
        : { kind: 'stdio', name, command: data.command, args: data.args, env: data.env },
    problems,
  };
};

type Report = (path: readonly PropertyKey[], problem: string, hint: string) => void;

/** The value with all its `${NAME}` replaced; depth and size are those of a small file. */
const withVariables = (value: unknown, env: Env, report: Report, path: readonly PropertyKey[] = []): unknown => {
  if (typeof value === 'string')
    return value.replace(/\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g, (_, name: string, otherwise: string | undefined) => {
      const set = env[name];
      if (set !== undefined && set !== '') return set;
      if (otherwise === undefined) report(path, `the variable ${name} is not set`, `set ${name}, or write \${${name}:-default}`);
      return otherwise ?? '';
    });
  if (Array.isArray(value)) return value.map((item, i) => withVariables(item, env, report, [...path, i]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withVariables(item, env, report, [...path, key])]));
};

const PLACEHOLDER = /\*{3,}|^(?:\.{3}|…|<.*>|your[-_ ].*)$/i;

/** Keys that nobody has filled in. Their values are not quoted. */
const placeholdersIn = (
  given: Readonly<Record<string, Readonly<Record<string, string>>>>,
  at: (path: readonly PropertyKey[]) => string,
): ConfigProblem[] =>
  Object.entries(given).flatMap(([key, values]) =>
    Object.entries(values)
      .filter(([, value]) => PLACEHOLDER.test(value))
      .map(([name]) => warning(at([key, name]), 'looks like the placeholder of an example', 'give the real value, or leave the entry out')),
  );

const addressProblems = (url: string, place: string): ConfigProblem[] => {
  const parsed = URL.parse(url);
  if (parsed && /^https?:$/.test(parsed.protocol)) return [];
  return [error(place, 'is not an http or https address', 'give an address like https://host/mcp')];
};

const headerProblems = (headers: Readonly<Record<string, string>>, at: (path: readonly PropertyKey[]) => string): ConfigProblem[] =>
  Object.entries(headers)
    .filter(([name, value]) => !/^[\w!#$%&'*+.^`|~-]+$/.test(name) || /[^\t\x20-\x7e]/.test(value))
    .map(([name]) => error(at(['headers', name]), 'is no header of HTTP', 'use letters, digits and - in its name, and one line as value'));

/** What is no secret unless its name says so: paths, addresses without a password, words, numbers. */
const PLAIN_VALUE = /^(?:[.~]{0,2}\/[^\s]*|https?:\/\/[^@\s]*|[A-Za-z]+|[\d.:,]+)$/;

const secretsOf = (servers: readonly McpServerSettings[]): readonly string[] => [
  ...new Set(servers.flatMap((server) => (server.kind === 'stdio' ? ofStdio(server) : ofHttp(server))).filter((one) => one !== '')),
];

const ofStdio = ({ env, args }: StdioServerSettings): readonly string[] => [
  ...Object.entries(env).flatMap(([name, value]) => (isSecretName(name) || !PLAIN_VALUE.test(value) ? valuesIn(value) : [])),
  ...args.flatMap((arg, i) => {
    const given = /^--?([\w-]+)=(.*)$/.exec(arg);
    if (given) return isSecretName(given[1] ?? '') ? valuesIn(given[2] ?? '') : [];
    return /^--?[\w-]+$/.test(args[i - 1] ?? '') && isSecretName(args[i - 1] ?? '') && !arg.startsWith('-')
      ? valuesIn(arg)
      : passwordIn(arg);
  }),
];

const ofHttp = ({ headers, url }: HttpServerSettings): readonly string[] => [
  ...Object.entries(headers).flatMap(([name, value]) => (/^(?:accept|content-type|user-agent)/i.test(name) ? [] : valuesIn(value))),
  ...passwordIn(url),
  ...[...(URL.parse(url)?.searchParams ?? [])].flatMap(([name, value]) => (isSecretName(name) ? [value] : [])),
];

/** A value, and what stands behind a scheme such as `Bearer`. */
const valuesIn = (value: string): readonly string[] => [
  value,
  /^(?:Bearer|Basic|Token)\s+(\S+)$/i.exec(value)?.[1] ?? '',
  ...passwordIn(value),
];

const passwordIn = (value: string): readonly string[] => {
  const password = URL.parse(value)?.password ?? '';
  return password === '' ? [] : [password];
};
