import { existsSync, lstatSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { findDeadLocks, removeDeadLock } from '../../adapters/system/index.ts';
import type { Repair } from '../../application/index.ts';
import { commandHint } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { type Finding, PortError } from '../../ports/index.ts';
import { infoPath, isBotLock } from '../data-dir.ts';
import { RUN_NOTE } from '../run-note.ts';
import { isLeftDraft } from '../whole-file.ts';
import type { DoctorParts, Looks, Repairs } from './parts.ts';

/** A record is written before its lock is taken; what is older has lost its process. */
const RECORD_MS = 10 * 60_000;
/** How deep, and at how many entries, is looked. */
const MAX_DEPTH = 4;
const MAX_ENTRIES = 2_000;
const MAX_TOLD = 5;
const RECORDS = ['.read.json', RUN_NOTE];

type Kind = 'process.lock' | 'process.pid' | 'process.socket' | 'process.temp';

/** What processes that were killed have left behind. */
export const leftoverLooks = ({ config: { dataDir }, now }: DoctorParts): Pick<Looks, Kind> => ({
  'process.lock': async () =>
    leftoverFinding(
      (await deadLocks(dataDir, true)).map((role) => join(dataDir, `${role}.lock`)),
      'no lock without its process',
      'the process that made it has ended',
    ),
  'process.pid': async () =>
    leftoverFinding(
      (await deadLocks(dataDir, false)).map((role) => join(dataDir, `${role}.pid`)),
      'no process id without its lock',
      'it stands beside no lock',
    ),
  'process.socket': async () => leftoverFinding(await deadSockets(dataDir), 'no socket without a listener', 'nobody listens on it'),
  'process.temp': async () => leftoverFinding(drafts(dataDir, now()), 'no file that was not finished', 'its writer has ended'),
});

export const leftoverRepairs = ({ config: { dataDir }, now }: DoctorParts): Repairs => {
  const ofLock = (role: string, name: string): Repair => ({
    words: `remove ${join(dataDir, name)}`,
    run: () => removeDeadLock(dataDir, role, besideLock(dataDir, role)),
  });
  const removing = (path: string, isLeft: () => Promise<boolean>): Repair => ({
    words: `remove ${path}`,
    run: async () => {
      if (!(await isLeft())) throw new PortError('invalid-request', `${path} is in use by now: it stays`, { retryable: false });
      rmSync(path, { force: true });
    },
  });
  return {
    'process.lock': async () => (await deadLocks(dataDir, true)).map((role) => ofLock(role, `${role}.lock`)),
    'process.pid': async () => (await deadLocks(dataDir, false)).map((role) => ofLock(role, `${role}.pid`)),
    'process.socket': async () => (await deadSockets(dataDir)).map((path) => removing(path, () => isDead(path))),
    'process.temp': async () => drafts(dataDir, now()).map((path) => removing(path, async () => isLeft(path, now()))),
  };
};

const leftoverFinding = (paths: readonly string[], well: string, why: string): Finding => {
  if (paths.length === 0) return { status: 'ok', message: well };
  const shown = [...paths.slice(0, MAX_TOLD), ...(paths.length > MAX_TOLD ? [`${paths.length - MAX_TOLD} more`] : [])].join(', ');
  return { status: 'warn', message: `${shown}: ${why}`, where: shown, fixHint: `${commandHint('doctor --fix')} removes it` };
};

const deadLocks = async (dataDir: string, hasLock: boolean): Promise<readonly string[]> =>
  (await findDeadLocks(dataDir)).filter((one) => one.hasLock === hasLock).map(({ role }) => role);

/** What a process of that role says of itself beside its lock. */
const besideLock = (dataDir: string, role: string): readonly string[] => [
  ...RECORDS.map((ending) => join(dataDir, `${role}${ending}`)),
  ...(isBotLock(role) ? [infoPath(dataDir, role)] : []),
];

/** Drafts whose writer was killed, and records of processes whose lock is gone. */
const drafts = (dataDir: string, now: number): readonly string[] =>
  namesIn(dataDir)
    .map((name) => join(dataDir, name))
    .filter((path) => isLeft(path, now))
    .slice(0, MAX_ENTRIES);

const isLeft = (path: string, now: number): boolean => isLeftDraft(path, now) || isLeftRecord(path, now);

const isLeftRecord = (path: string, now: number): boolean => {
  const ending = RECORDS.find((each) => path.endsWith(each));
  if (ending === undefined || existsSync(`${path.slice(0, -ending.length)}.lock`)) return false;
  const file = lstatSync(path, { throwIfNoEntry: false });
  return file?.isFile() === true && now - file.mtimeMs >= RECORD_MS;
};

/** Sockets below the directory that refuse every caller. */
const deadSockets = async (dataDir: string): Promise<readonly string[]> => {
  const sockets = socketsIn(dataDir);
  const dead = await Promise.all(sockets.map(isDead));
  return sockets.filter((_, i) => dead[i]);
};

const socketsIn = (root: string): readonly string[] => {
  const sockets: string[] = [];
  let left = MAX_ENTRIES;
  const visit = (directory: string, depth: number): void => {
    for (const name of namesIn(directory)) {
      if (left-- <= 0) return;
      const path = join(directory, name);
      const entry = lstatSync(path, { throwIfNoEntry: false });
      if (entry?.isSocket()) sockets.push(path);
      else if (entry?.isDirectory() && depth < MAX_DEPTH) visit(path, depth + 1);
    }
  };
  visit(root, 1);
  return sockets;
};

/** Whether nobody listens there. One that takes the call and says nothing is alive. */
const isDead = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const call = connect(path);
    call.once('connect', () => {
      call.destroy();
      resolve(false);
    });
    call.once('error', (error) => resolve(errorCode(error) === 'ECONNREFUSED'));
  });

const namesIn = (directory: string): readonly string[] => {
  try {
    return readdirSync(directory).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'EACCES'].includes(errorCode(error) ?? '')) return [];
    throw error;
  }
};
