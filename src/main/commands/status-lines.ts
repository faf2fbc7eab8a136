import { oneLine } from '../../adapters/terminal/index.ts';
import { commandHint, type HealthCheck, keepsPromises, supervisedWords } from '../../domain/index.ts';
import type { ProcessesReport } from '../../ports/index.ts';
import { isBotLock, STANDBY_LOCK } from '../data-dir.ts';
import { RELOAD_PROBE, type Refusal, refusedWords, staleWords } from '../files-read.ts';
import type { Place, SeenProcesses } from '../seen-processes.ts';
import { type Started, suspendedWords } from '../started.ts';
import { type Successor, successorWords } from '../successors.ts';
import { type LostSupervisor, lostSentence } from '../supervisor/lost.ts';
import type { SeenSupervisor } from '../supervisor/state-file.ts';
import { hereWords, otherLines } from './status-words.ts';

/** What was found of the processes on one data directory. */
export interface FoundStatus {
  readonly dataDir: string;
  readonly place: Place;
  readonly seen: SeenProcesses;
  readonly report: ProcessesReport;
  /** Whether the register was read; `failure` says why it was not, where there is one. */
  readonly isKnown: boolean;
  readonly failure?: string;
  /** Other machines may use the same database. */
  readonly isElsewhere: boolean;
  /** What the bot of this directory said of itself at its start. */
  readonly started?: Started;
  /** Whether a bot runs, here or elsewhere. */
  readonly hasBot: boolean;
  /** Whether no process of this directory keeps promises. */
  readonly nobodyWorks: boolean;
  /** PIDs of processes that are suspended. */
  readonly suspended: readonly number[];
  /** Those that begin once the others have ended. */
  readonly successors?: readonly Successor[];
  /** Files that were changed after a process had read them. */
  readonly stale: readonly { readonly pid: number; readonly files: readonly string[] }[];
  /** Why a process does not use what was changed. */
  readonly refused?: readonly Refusal[];
  readonly checks: readonly HealthCheck[];
  /** Whoever keeps these processes running. */
  readonly supervisor?: SeenSupervisor;
  /** One that was never stopped, and runs no more. */
  readonly lost?: LostSupervisor;
  /** What processes wait for that are asked to end, in words. */
  readonly drains?: readonly { readonly pid: number; readonly words: string }[];
  /** In ms since 1970. */
  readonly now?: number;
}

/** The name of a role, whatever its lock is called. */
export const shownRole = (lock: string, started: Started | undefined): string =>
  lock === STANDBY_LOCK ? 'standby' : isBotLock(lock) ? (started?.role ?? 'starting') : 'worker';

/** What `kept status` prints. */
export const statusLines = (found: FoundStatus): readonly string[] => {
  const { seen, started, failure, refused = [] } = found;
  const others = [
    ...otherLines(seen, found.report, found.place),
    ...(failure === undefined ? [] : [`The register of processes can't be read: ${failure}`]),
  ];
  const findings = found.checks
    // What a process refuses is told with the process.
    .filter(({ id, status }) => id !== RELOAD_PROBE && (id === 'gateway.telegram' || id === 'config.workspaces' || status !== 'ok'))
    .map(({ id, status, message }) => `${id}: ${status}, ${message}`);
  const supervised = [
    ...(found.supervisor ? supervisorLines(found.supervisor, found.now ?? found.report.at) : []),
    ...(found.lost ? [lostSentence(found.lost)] : []),
  ];
  const halted = [
    ...found.suspended.map((pid) => `${suspendedWords(pid)}.`),
    ...(found.successors ?? []).map((one) => `${successorWords(one)}; ${commandHint('stop')} ends it, too.`),
  ];
  if (seen.here.length === 0) return [...supervised, ...halted, ...others, nothingLine(found), ...findings];
  return [
    ...supervised,
    ...seen.here.map((here) => hereWords(here, shownRole(here.lock.role, started), { at: found.report.at, isKnown: found.isKnown })),
    ...(found.drains ?? []).map(({ pid, words }) => `PID ${pid} stops; it waits for ${words}`),
    ...halted,
    ...refusedWords(refused),
    ...staleWords(found.stale.filter(({ pid }) => !refused.some((one) => one.pid === pid))),
    ...others,
    ...startedLines(found),
    ...findings,
    ...missingLines(found),
  ];
};

/** A supervisor without processes starts them: nobody else is to. */
const nothingLine = ({ dataDir, hasBot, supervisor }: FoundStatus): string => {
  if (supervisor && !supervisor.isSuspended) return `Nothing is running on ${dataDir} yet.`;
  return `Nothing is running on ${dataDir}.${hasBot || supervisor ? '' : ` Start it with ${commandHint('start')}.`}`;
};

/** Whoever keeps processes running, and what it has to tell of them. */
const supervisorLines = ({ pid, startedAt, state }: SeenSupervisor, now: number): readonly string[] => {
  const line = `supervisor (PID ${pid}), since ${new Date(startedAt).toISOString()}`;
  if (!state) return [`${line}; it is only just starting`];
  const { version, processes, phase, rolling } = state;
  const names = processes.map(({ name }) => name).join(', ');
  const doing = { starting: 'starts', running: 'keeps running', rolling: 'restarts one by one', stopping: 'stops' }[phase];
  const failed = rolling?.failure === undefined ? [] : [`its last restart went no further: ${rolling.failure}`];
  const news = [
    ...processes
      .filter((one) => one.phase !== 'running' || one.ends > 0)
      .map((one) => `${one.name}${one.pid === undefined ? '' : ` (PID ${one.pid})`}: ${supervisedWords(one, now)}`),
    ...(phase === 'rolling' && rolling?.step !== undefined ? [`it ${rolling.step}`] : []),
    ...failed,
  ];
  return [`${line}; version ${version}, ${doing}: ${names}`, ...news.map((each) => `  ${oneLine(each)}`)];
};

/** What the bot said at its start. Whether it still stands by, the register knows better. */
const startedLines = ({ seen, started, isKnown }: FoundStatus): readonly string[] => {
  const isInRegister = isKnown && seen.here.some(({ lock, entry }) => isBotLock(lock.role) && entry !== undefined);
  return [
    ...(started?.standsByFor === undefined || isInRegister ? [] : [`standing by: ${started.standsByFor} answers`]),
    ...(started?.url === undefined ? [] : [`page and API at ${started.url}, model ${started.model}`]),
  ];
};

/** Which part is not running, and how to start it. */
const missingLines = ({ seen, isElsewhere, isKnown, hasBot, nobodyWorks }: FoundStatus): readonly string[] => {
  const mayTell = !isElsewhere || isKnown;
  const worksElsewhere = seen.others.some((entry) => entry.vitality === 'alive' && keepsPromises(entry));
  const noWorker = mayTell && nobodyWorks && !worksElsewhere;
  return [
    ...(noWorker ? [`No worker is running: promises wait. Start one with ${commandHint('worker')}.`] : []),
    ...(hasBot ? [] : [mayTell ? NO_BOT : 'No bot is running on this machine.']),
  ];
};
const NO_BOT = `No bot is running: promises are kept, but nobody answers, and results wait. Start one with ${commandHint('bot')}.`;
