import { oneLine } from '../../adapters/terminal/index.ts';
import { processView } from '../../adapters/views/index.ts';
import { answersPeople, type ListedProcess, restartWords } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { plural } from '../../domain/shared/plural.ts';
import type { ProcessesReport } from '../../ports/index.ts';
import type { Place, SeenHere, SeenProcesses } from '../seen-processes.ts';

/** Longer ago is no news: it is counted. */
const NEWS_MS = 60 * 60_000;
/** What is younger is as good as now. */
const FRESH_MS = 2_000;
const MAX_LINES = 50;

const time = (at: number): string => new Date(at).toISOString();

/** `start (PID 7), since …; version 0.1.0, leads, answers 1 chat, keeps promises #3, #4` */
export const hereWords = (
  { lock, entry }: SeenHere,
  role: string,
  { at, isKnown }: { readonly at: number; readonly isKnown: boolean },
): string => {
  const line = `${role} (PID ${lock.pid}), since ${time(lock.startedAt)}`;
  if (!isKnown) return line;
  if (!entry) return `${line}; not in the register: it is only just starting, or of an older version`;
  const silent = entry.vitality === 'silent' ? `; no sign of life since ${time(entry.heartbeatAt)}` : '';
  return `${line}; ${oneLine(workWords(entry, at))}${silent}`;
};

/** The version, and what the process was at when it was heard last. */
const workWords = ({ version, heartbeatAt, work }: ListedProcess, at: number): string => {
  const { phase, standing, leader, answering, promises, promiseCount, metrics } = work;
  const ageMs = at - heartbeatAt;
  // Work may have ended since: it is told at each sign of life, and not as it changes.
  const age = answering + promiseCount > 0 && ageMs >= FRESH_MS ? [`as it said ${durationWords(ageMs)} ago`] : [];
  const more = promiseCount > promises.length ? ` and ${promiseCount - promises.length} more` : '';
  return [
    `version ${version}`,
    ...(phase === 'running' ? [] : [phase]),
    ...(standing === 'leads' ? ['leads'] : []),
    ...(standing === 'stands-by' ? [leader === undefined ? 'stands by; the leader is not known' : `stands by for ${leader}`] : []),
    ...(answering > 0 ? [`answers ${plural(answering, 'chat')}`] : []),
    ...(promiseCount > 0
      ? [`keeps ${promiseCount === 1 ? 'promise' : 'promises'} ${promises.map((id) => `#${id}`).join(', ')}${more}`]
      : []),
    ...age,
    ...(metrics ? [metrics.isServed ? `metrics at port ${metrics.port}` : `no metrics: port ${metrics.port} is taken or refused`] : []),
  ].join(', ');
};

/** Lines of the processes that hold no lock here: elsewhere, or over. */
export const otherLines = (
  { others }: SeenProcesses,
  { at, looping, restartsWithinMs, leader, processes }: ProcessesReport,
  place: Place,
): readonly string[] => {
  const alive = others.filter(({ vitality }) => vitality === 'alive');
  const silent = others.filter(({ vitality }) => vitality === 'silent');
  const news = silent.filter(({ heartbeatAt }) => Math.abs(at - heartbeatAt) <= NEWS_MS);
  const old = silent.length - news.length;
  const strangers = leader !== undefined && !processes.some(({ id }) => id === leader);
  const lines = [
    ...alive.map((entry) => `${nameOf(entry, place)}, since ${time(entry.startedAt)}; ${workWords(entry, at)}`),
    ...news.map((entry) => `${nameOf(entry, place)}: silent since ${time(entry.heartbeatAt)}; ${whySilent(entry, place)}`),
  ];
  return [
    ...lines.slice(0, MAX_LINES),
    ...(lines.length > MAX_LINES ? [`and ${lines.length - MAX_LINES} more`] : []),
    ...(old > 0 ? [`${plural(old, 'more process has', 'more processes have')} been silent for over an hour`] : []),
    ...(strangers ? [`${leader} leads; it is not in the register: it is of an older version`] : []),
    ...looping.map((each) => `${restartWords(each, restartsWithinMs)}: its log says why`),
  ].map(oneLine);
};

/** The role, with the machine and directory where they differ from here. */
const nameOf = ({ role, host, pid, dataDir }: ListedProcess, place: Place): string => {
  const where = host !== place.host ? ` on ${host}` : dataDir !== place.dataDir ? ` in ${dataDir}` : '';
  return `${role}${where} (PID ${pid})`;
};

const whySilent = ({ host, dataDir }: ListedProcess, place: Place): string =>
  host === place.host && dataDir === place.dataDir
    ? 'it ended without a stop'
    : 'it was killed, is suspended, or is cut off from the database';

export const hasBotElsewhere = ({ others }: SeenProcesses): boolean =>
  others.some((entry) => entry.vitality === 'alive' && answersPeople(entry));

/** An entry of the register, for programs. */
export const entryView = (entry: ListedProcess, isHere: boolean) => ({ ...processView(entry), isHere });
