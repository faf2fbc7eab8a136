import type { PromiseId } from '../promise/promise.ts';
import { durationWords } from '../shared/duration.ts';
import { plural } from '../shared/plural.ts';

/** What a process says of itself, once and for all. */
export interface ProcessIdentity {
  /** Names this start of a process: no other one, before or after, has the same. */
  readonly id: string;
  /** `start`, `bot`, `standby` or `worker`; another version may have others. */
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  /** The path of its data directory, on its machine. */
  readonly dataDir: string;
  /** In ms since 1970. */
  readonly startedAt: number;
}

/** What a process was at when it gave its last sign of life. */
export interface ProcessWork {
  /** `failed`: it ends by an error, as where it could not start. */
  readonly phase: 'starting' | 'running' | 'stopping' | 'failed';
  /** Whether it answers people, or stands by for the bot that does. Absent where it is neither. */
  readonly standing?: 'leads' | 'stands-by';
  /** Who leads, as far as a bot that stands by knows. */
  readonly leader?: string;
  /** The promises that it keeps, at most `MAX_LISTED_PROMISES`. */
  readonly promises: readonly PromiseId[];
  /** How many these are in all. */
  readonly promiseCount: number;
  /** How many chats it answers. */
  readonly answering: number;
  /** Present where the process is to serve its metrics at a port of their own. */
  readonly metrics?: { readonly port: number; readonly isServed: boolean };
}

/** A process on this storage, wherever it runs. */
export interface RegisteredProcess extends ProcessIdentity {
  readonly work: ProcessWork;
  /** Its last sign of life. */
  readonly heartbeatAt: number;
  /** Present where it said that it ends: it was stopped, or failed. */
  readonly stoppedAt?: number;
}

/** How often a process gives a sign of life. */
export const HEARTBEAT_MS = 15_000;
/** A process without a sign of life for this long is dead, suspended, or cut off from the storage. */
export const SILENT_AFTER_MS = 4 * HEARTBEAT_MS;
/** How long a process that is over is remembered. */
export const PROCESS_RETENTION_MS = 24 * 60 * 60_000;
/** So many that are over are remembered of one role on one machine, the latest. */
export const MAX_OVER_EACH = 200;
/** And so many in all. */
export const MAX_OVER = 1_000;
/** Whoever lists processes asks for all that are over, and as many that live. */
export const MAX_LISTED_PROCESSES = 2 * MAX_OVER;
export const MAX_LISTED_PROMISES = 20;

/**
 * `silent`: it gives no sign of life, and was not stopped. `replaced`: a silent bot whose data directory a later bot
 * has taken over.
 */
export type Vitality = 'alive' | 'silent' | 'replaced' | 'stopped';

/**
 * Also a sign of life from the future is none: a clock was set back since, and whoever lives has given one after that.
 */
export const isAlive = ({ heartbeatAt, stoppedAt }: Pick<RegisteredProcess, 'heartbeatAt' | 'stoppedAt'>, now: number): boolean =>
  stoppedAt === undefined && Math.abs(now - heartbeatAt) <= SILENT_AFTER_MS;

/** A process in the register, and whether it lives. */
export interface ListedProcess extends RegisteredProcess {
  readonly vitality: Vitality;
}

/** All processes of a register, as they are at that time. */
export const listedAt = (all: readonly RegisteredProcess[], now: number): readonly ListedProcess[] => {
  const latest = new Map<string, number>();
  for (const bot of all.filter(answersPeople)) latest.set(placeOf(bot), Math.max(bot.startedAt, latest.get(placeOf(bot)) ?? bot.startedAt));
  return all.map((process) => {
    const isReplaced = answersPeople(process) && (latest.get(placeOf(process)) ?? 0) > process.startedAt;
    const vitality = process.stoppedAt !== undefined ? 'stopped' : isReplaced ? 'replaced' : isAlive(process, now) ? 'alive' : 'silent';
    return { ...process, vitality };
  });
};

/** A data directory has one bot, and may have one that stands by for it. */
const placeOf = ({ host, dataDir, role }: Pick<ProcessIdentity, 'host' | 'dataDir' | 'role'>): string =>
  JSON.stringify([host, dataDir, role === 'standby']);

/** Whether it is a bot: it answers people, or stands by for the one that does. */
export const answersPeople = ({ role }: Pick<ProcessIdentity, 'role'>): boolean => BOTS.includes(role);
const BOTS: readonly string[] = ['bot', 'start', 'standby'];

/** Whether it keeps promises. */
export const keepsPromises = ({ role }: Pick<ProcessIdentity, 'role'>): boolean => role === 'worker' || role === 'start';

/** How often processes of a role on a machine began within a time, and ended without being stopped. */
export interface Restarts {
  readonly role: string;
  readonly host: string;
  readonly count: number;
}

/**
 * The most first. Those that still run count for none: many workers that start together are no loop; nor do those that
 * somebody stopped: an update is none.
 */
export const restartsSince = (all: readonly ListedProcess[], since: number): readonly Restarts[] => {
  const over = all.filter((process) => process.startedAt > since && hasBroken(process));
  return [...Map.groupBy(over, ({ role, host }) => JSON.stringify([role, host])).values()]
    .flatMap((group) => (group[0] ? [{ role: group[0].role, host: group[0].host, count: group.length }] : []))
    .sort((a, b) => b.count - a.count);
};

/** It was killed, crashed, or failed. */
const hasBroken = ({ vitality, work }: ListedProcess): boolean =>
  vitality === 'silent' || vitality === 'replaced' || (vitality === 'stopped' && work.phase === 'failed');

/** `bot on alpha began and broke off 5 times within 15 min` */
export const restartWords = ({ role, host, count }: Restarts, withinMs: number): string =>
  `${role} on ${host} began and broke off ${plural(count, 'time')} within ${durationWords(withinMs)}`;
