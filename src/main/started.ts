import { readFileSync } from 'node:fs';
import type { PingReports } from '../domain/index.ts';
import { BOT_LOCK, infoPath, isBotLock, type Role, STANDBY_LOCK } from './data-dir.ts';

/** What a started process says about itself. */
export interface Started {
  readonly role: Role;
  readonly pid: number;
  readonly url?: string;
  /** Where its metrics are, if they have a port of their own and it was free. */
  readonly metricsUrl?: string;
  readonly model: string;
  readonly storage: string;
  /** The leader, while this process stands by. */
  readonly standsByFor?: string;
  /** Absent for a worker, which has no gateway. */
  readonly selfPing?: PingReports;
  /** The state of Telegram, if it is configured. */
  readonly telegram?: string;
}

/**
 * What the bot with that PID wrote about itself when it was ready. Undefined before that. A file of a crashed bot is
 * ignored.
 */
export const readStarted = (dataDir: string, pid: number): Started | undefined =>
  startedIn(infoPath(dataDir, BOT_LOCK), pid) ?? startedIn(infoPath(dataDir, STANDBY_LOCK), pid);

const startedIn = (path: string, pid: number): Started | undefined => {
  try {
    const started = JSON.parse(readFileSync(path, 'utf8')) as Started | null;
    return started?.pid === pid ? started : undefined;
  } catch {
    // A damaged file counts as missing.
    return undefined;
  }
};

/** Whether no process on this data runs promises. A process that is still starting may. */
export const nobodyWorks = (dataDir: string, processes: readonly { readonly role: string; readonly pid: number }[]): boolean =>
  processes.every(({ role, pid }) => isBotLock(role) && ['bot', 'standby'].includes(readStarted(dataDir, pid)?.role ?? ''));

/** What to print about a suspended process. */
export const suspendedWords = (pid: number): string =>
  `PID ${pid} is suspended (SIGSTOP) and does nothing: \`kill -CONT ${pid}\` resumes it`;
