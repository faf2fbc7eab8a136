import { type AskTime, type ClockOffset, readClockOffset, type TimeSource, timeOf } from '../../adapters/probes/index.ts';
import { isThisMachine } from '../../adapters/system/index.ts';
import { within } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import type { Clock, Finding, HealthProbe } from '../../ports/index.ts';
import { modelPlaces } from '../model-help.ts';
import { ASKED_MS, notConfigured } from './asking.ts';

/** Servers tell whole seconds, and answers are some time on their way. */
const TOLERANCE_MS = 10_000;
/** Telegram refuses messages that are dated further off (https://core.telegram.org/mtproto/description). */
const UNUSABLE_MS = 30_000;
/** Each of them may take this long: one that says nothing does not hide what the others say. */
const EACH_MS = ASKED_MS - 1_000;
const MAX_NAMED = 3;

export interface ClockProbeParts {
  readonly config: Config;
  readonly clock: Clock;
  /** What time it is for Telegram; rejects where it is not connected. Absent where this process has no connection. */
  readonly telegramTime?: AskTime | undefined;
  /** Whether a host is this machine, whose clock it shares. */
  readonly isHere?: ((host: string) => Promise<boolean>) | undefined;
}

/** Whether the clock of this machine agrees with those of others. No single one of them is believed against it. */
export const clockProbe = ({ config, clock, telegramTime, isHere = isThisMachine }: ClockProbeParts): HealthProbe => {
  const id = 'process.clock';
  const sources = sourcesOf(config, telegramTime);
  if (sources.length === 0)
    return notConfigured(id, 'there is no server to compare it with', 'it is compared once a model or PostgreSQL is set');
  return {
    id,
    depth: 'cheap',
    limitMs: ASKED_MS,
    late: { status: 'skipped' },
    probe: async (signal): Promise<Finding> => {
      const ask = async (source: Source): Promise<Reply> => {
        if (source.host !== undefined && (await isHere(source.host))) return 'own';
        return readClockOffset(source, clock.now, signal).catch(() => 'silent' as const);
      };
      const replies = await Promise.all(sources.map((source) => within(clock, EACH_MS, ask(source), (): Reply => 'silent')));
      if (replies.every((each) => each === 'own')) return { status: 'skipped', message: 'only this machine itself could be asked' };
      return judgeClock(replies.filter((each) => typeof each === 'object'));
    },
  };
};

interface Source extends TimeSource {
  /** Absent: it is no machine of ours. */
  readonly host?: string;
}

/** `own`: it has the clock of this machine. */
type Reply = ClockOffset | 'own' | 'silent';

/** Everybody who can tell the time, each once. */
const sourcesOf = (config: Config, telegramTime: AskTime | undefined): readonly Source[] => {
  const { database, notion, search } = config;
  const servers = [
    ...modelPlaces(config).map(({ address }) => address),
    ...(notion ? [notion.baseUrl ?? 'https://api.notion.com'] : []),
    ...(search.perplexity ? [search.perplexity.baseUrl ?? 'https://api.perplexity.ai'] : []),
  ];
  const origins = [...new Set(servers.map((url) => new URL(url).origin))];
  return [
    ...(telegramTime ? [{ by: 'Telegram', ask: telegramTime }] : []),
    ...origins.map((origin) => ({ by: origin, host: new URL(origin).hostname, ask: timeOf(origin) })),
    ...(database ? [{ by: 'PostgreSQL', host: hostOf(database.url), ask: timeOfDatabase(database) }] : []),
  ];
};

/** Empty for a socket of this machine. */
const hostOf = (url: string): string => {
  const { hostname, searchParams } = new URL(url);
  return searchParams.get('host') ?? hostname;
};

const timeOfDatabase =
  (database: NonNullable<Config['database']>): AskTime =>
  async (signal) => {
    const { timeOfPostgres } = await import('../../adapters/postgres/index.ts');
    return timeOfPostgres(database, EACH_MS, signal);
  };

/** What the one in the middle says counts; it is a failure only where another one says the same. */
export const judgeClock = (offsets: readonly ClockOffset[]): Finding => {
  const sorted = offsets.toSorted((a, b) => a.ms - b.ms);
  const [first, second] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (!first || !second) return { status: 'skipped', message: 'nobody who was asked told the time' };
  // Of two in the middle, the one that finds less wrong.
  const { ms } = Math.abs(first.ms) <= Math.abs(second.ms) ? first : second;
  const [agreeing, others] = [offsets.filter((each) => isNear(each, ms)), offsets.filter((each) => !isNear(each, ms))];
  const differs = others.length > 0 ? `; ${namesOf(others)} ${others.length === 1 ? 'tells' : 'tell'} another time` : '';
  if (Math.abs(ms) <= TOLERANCE_MS)
    return { status: 'ok', message: `agrees with ${namesOf(agreeing)} to ${Math.ceil(Math.abs(ms) / 1_000)} s${differs}` };
  const isConfirmed = agreeing.length > 1;
  const by = `${Math.round(Math.abs(ms) / 1_000)} s ${ms > 0 ? 'ahead of' : 'behind'} ${isConfirmed ? 'those' : 'that'} of ${namesOf(agreeing)}`;
  return {
    status: isConfirmed && Math.abs(ms) > UNUSABLE_MS ? 'fail' : 'warn',
    message: `the clock of this machine is ${by}${isConfirmed ? '' : ', and nobody else says so'}${differs}`,
    where: agreeing[0]?.by ?? '',
    fixHint: 'set the clock, and let it follow a time server (timedatectl set-ntp true)',
  };
};

const isNear = (offset: ClockOffset, ms: number): boolean => Math.abs(offset.ms - ms) <= TOLERANCE_MS;

const namesOf = (offsets: readonly ClockOffset[]): string => {
  const more = offsets.length > MAX_NAMED ? ` and ${offsets.length - MAX_NAMED} more` : '';
  return `${offsets
    .slice(0, MAX_NAMED)
    .map(({ by }) => by)
    .join(', ')}${more}`;
};
