import { realpathSync } from 'node:fs';
import { delimiter, dirname, join, relative, resolve, sep } from 'node:path';
import type { CommandForm } from '../domain/index.ts';

/** How the program was called. */
export interface Invocation {
  /** `process.argv[1]`. */
  readonly script: string;
  /** The Node that runs it: `process.execPath`. */
  readonly node: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What a person types to run a command: `npm start` and `npm run kept -- …` in the repository, `npx kept …` for a local
 * package, `kept …` where it is installed. A file that was named itself is named again, with the Node that runs it: the
 * `node` of a person's path may be an older one, which can't.
 */
export const commandFormOf = ({ script, node, cwd, env }: Invocation): CommandForm => {
  const path = resolve(cwd, script);
  const prefix = isInRepository(path, cwd, env)
    ? 'npm run kept --'
    : isLocalPackage(path, env)
      ? 'npx kept'
      : directCall(path, node, cwd, env);
  return (words) => {
    if (prefix !== 'npm run kept --') return `${prefix} ${words}`.trim();
    const [command, ...options] = words.split(' ');
    if (command !== 'start') return `${prefix} ${words}`.trim();
    return options.length === 0 ? 'npm start' : `npm start -- ${options.join(' ')}`;
  };
};

const SOURCE = join('src', 'main', 'kept.ts');

/** npm scripts work in the repository's directory and below it. */
const isInRepository = (path: string, cwd: string, { npm_lifecycle_event: npmScript }: Invocation['env']): boolean => {
  if (!path.endsWith(sep + SOURCE)) return false;
  if (npmScript === 'start' || npmScript === 'kept') return true;
  const root = dirname(dirname(dirname(path)));
  return !relative(root, cwd).startsWith('..');
};

const isLocalPackage = (path: string, env: Invocation['env']): boolean =>
  path.includes(join('node_modules', '.bin')) || (path.includes(`${sep}node_modules${sep}`) && env.npm_command === 'exec');

const directCall = (path: string, node: string, cwd: string, env: Invocation['env']): string => {
  if (!/\.[jt]s$/.test(path) || path.includes(`${sep}node_modules${sep}`)) return 'kept';
  const near = relative(cwd, path);
  return `${isOnPath(node, env) ? 'node' : node} ${near.startsWith('..') ? path : near}`;
};

/** Whether `node` means this one in a shell. */
const isOnPath = (node: string, { PATH = '' }: Invocation['env']): boolean => {
  const first = PATH.split(delimiter).flatMap((directory) => realPath(join(directory, 'node')) ?? [])[0];
  return first !== undefined && first === realPath(node);
};

const realPath = (path: string): string | undefined => {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
};
