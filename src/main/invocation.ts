import { dirname, join, relative, resolve, sep } from 'node:path';
import type { CommandForm } from '../domain/index.ts';

/** How the program was called. */
export interface Invocation {
  /** `process.argv[1]`. */
  readonly script: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * What a person types to run a command: `npm start` and `npm run kept -- …` in the repository, `npx kept …` for a local
 * package, `node <file> …` for a named file, else `kept …`.
 */
export const commandFormOf = ({ script, cwd, env }: Invocation): CommandForm => {
  const path = resolve(cwd, script);
  const prefix = isInRepository(path, cwd, env) ? 'npm run kept --' : isLocalPackage(path, env) ? 'npx kept' : directCall(path, cwd);
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

const directCall = (path: string, cwd: string): string => {
  if (!/\.[jt]s$/.test(path) || path.includes(`${sep}node_modules${sep}`)) return 'kept';
  const near = relative(cwd, path);
  return `node ${near.startsWith('..') ? path : near}`;
};
