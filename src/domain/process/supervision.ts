import { doublingMs } from '../shared/backoff.ts';
import { durationWords } from '../shared/duration.ts';
import { plural } from '../shared/plural.ts';

/** How a supervisor starts what has ended. */
export interface SupervisionSettings {
  /** The wait before the first start again; it doubles with each further end, up to `maxMs`. */
  readonly firstMs: number;
  readonly maxMs: number;
  /** Who has run for so long has run well: what went before does not count any more. */
  readonly wellMs: number;
  /** So many ends in a row, none of which has run well before, are a crash loop. */
  readonly loopAfter: number;
}

export const SUPERVISION: SupervisionSettings = { firstMs: 1_000, maxMs: 60_000, wellMs: 60_000, loopAfter: 3 };

/** EX_CONFIG: another start would end in the same way. */
export const CONFIG_EXIT = 78;

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: string | null;
  /** In ms since 1970. */
  readonly at: number;
  /** For how long it had served; 0 where it never did. */
  readonly servedMs: number;
}

export type SupervisedPhase = 'starting' | 'running' | 'stopping' | 'stopped' | 'waiting' | 'given-up';

/** A process that a supervisor keeps running, over all its starts. */
export interface Supervised {
  /** `bot`, `standby`, `worker-1` … */
  readonly name: string;
  readonly phase: SupervisedPhase;
  readonly pid?: number;
  /** Since when it is in this phase, in ms since 1970. */
  readonly since: number;
  /** How often it ended by itself, in all. */
  readonly ends: number;
  /** How often in a row, without having run well in between. */
  readonly failures: number;
  readonly lastEnd?: ProcessEnd;
  /** When it is started again. */
  readonly nextAt?: number;
  /** What it says that it is at. */
  readonly status?: string;
}

/** What is told of an end that nobody asked for. */
export type EndVerdict = 'ended' | 'crashed' | 'looping' | 'given-up';

/**
 * What becomes of a process that ended by itself. `fraction` is chance, from 0 to 1: it shortens the wait by up to a
 * quarter, so that processes that fell together do not rise together.
 */
export const afterEnd = (
  before: Supervised,
  end: ProcessEnd,
  fraction: number,
  settings: SupervisionSettings,
): { readonly next: Supervised; readonly verdict: EndVerdict } => {
  const { name, ends } = before;
  const known = { name, since: end.at, ends: ends + 1, lastEnd: end };
  const isFailure = end.code !== 0;
  const failures = isFailure ? (end.servedMs >= settings.wellMs ? 1 : before.failures + 1) : before.failures;
  if (end.code === CONFIG_EXIT) return { next: { ...known, failures, phase: 'given-up' }, verdict: 'given-up' };
  const waitMs = doublingMs(failures, settings.firstMs, settings.maxMs) * (1 - fraction / 4);
  const verdict = !isFailure ? 'ended' : failures >= settings.loopAfter ? 'looping' : 'crashed';
  return { next: { ...known, failures, phase: 'waiting', nextAt: end.at + Math.round(waitMs) }, verdict };
};

export const isLooping = ({ failures }: Pick<Supervised, 'failures'>, { loopAfter }: SupervisionSettings = SUPERVISION): boolean =>
  failures >= loopAfter;

/** `killed by SIGKILL`, `exit code 1` */
export const endWords = ({ code, signal }: Pick<ProcessEnd, 'code' | 'signal'>): string =>
  signal === null ? `exit code ${code}` : `killed by ${signal}`;

/** `running, answers; 2 turns`, `crash loop: ended 4 times in a row (exit code 1), starts again in 8 s` */
export const supervisedWords = (one: Supervised, now: number): string => {
  const { phase, status, failures, ends, lastEnd, nextAt } = one;
  const again = nextAt === undefined ? '' : `, starts again in ${durationWords(Math.max(0, nextAt - now))}`;
  const last = lastEnd ? ` (${endWords(lastEnd)})` : '';
  switch (phase) {
    case 'given-up':
      return `given up: its configuration has errors${last}`;
    case 'waiting':
      return isLooping(one) ? `crash loop: ended ${plural(failures, 'time')} in a row${last}${again}` : `ended${last}${again}`;
    case 'starting':
      return isLooping(one) ? `crash loop: ended ${plural(failures, 'time')} in a row${last}, starting` : 'starting';
    case 'running':
      return [
        status ?? 'runs',
        ...(ends > 0 ? [`it ended ${plural(ends, 'time')} by itself, the last time ${lastEnd ? agoWords(lastEnd, now) : 'before'}`] : []),
      ].join('; ');
    default:
      return status === undefined || phase === 'stopped' ? phase : status;
  }
};

const agoWords = (end: ProcessEnd, now: number): string => `${durationWords(Math.max(0, now - end.at))} ago (${endWords(end)})`;
