import type { HealthCheck } from '../../domain/health/health.ts';
import type { UnreadyFrom } from '../../domain/health/readiness.ts';
import { commandHint } from '../../domain/shared/command-form.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Finding, HealthProbe, ProbeDepth } from '../../ports/health-probe.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import { makeAskWithin } from '../loops/call-within.ts';

/** What a probe found, when, and how long it took. */
export interface ProbeReading {
  readonly check: HealthCheck;
  readonly depth: ProbeDepth;
  /** When it was found, in ms since 1970. */
  readonly at: number;
  readonly durationMs: number;
  /** As its probe says. */
  readonly unreadyFrom?: UnreadyFrom;
  /** What was answered to a test, where one was put. */
  readonly reply?: string;
}

export interface ProbeRun {
  /** What goes further than this is told as `skipped`. Default: `cheap`. */
  readonly depth?: ProbeDepth;
}

/**
 * Asks all probes at once, each within its own limit, and resolves to what they found, in their order. Never rejects.
 * What a probe says is redacted, and cut.
 */
export type RunProbes = (probes: readonly HealthProbe[], run?: ProbeRun) => Promise<readonly ProbeReading[]>;

interface Deps {
  readonly clock: Clock;
  /** Default: nothing is redacted. */
  readonly redact?: Redact | undefined;
}

const DEPTHS: readonly ProbeDepth[] = ['local', 'cheap', 'deep'];
const MAX_LENGTH = 500;

/** The probes that go this far at the most. */
export const probesUpTo = (probes: readonly HealthProbe[], depth: ProbeDepth): readonly HealthProbe[] =>
  probes.filter((probe) => reaches(depth, probe));

export const makeRunProbes = (deps: Deps): RunProbes => {
  const ask = makeAskInTime(deps.clock);
  return async (probes, { depth = 'cheap' } = {}) => {
    const readings = await Promise.all(probes.map((probe) => (reaches(depth, probe) ? askOne(deps, ask, probe) : tooFar(deps, probe))));
    return readings.flatMap((reading) => reading ?? []);
  };
};

const reaches = (depth: ProbeDepth, probe: Pick<HealthProbe, 'depth'>): boolean => DEPTHS.indexOf(probe.depth) <= DEPTHS.indexOf(depth);

const WHY_SKIPPED: Readonly<Record<ProbeDepth, { readonly message: string; readonly fixHint?: string }>> = {
  local: { message: 'not asked' },
  cheap: { message: 'not asked: it leaves this machine' },
  deep: { message: 'not asked: it costs money, or starts a program', fixHint: `ask with ${commandHint('health --deep')}, or ?deep=true` },
};

const tooFar = ({ clock }: Deps, { id, depth }: HealthProbe): ProbeReading => ({
  check: { id, status: 'skipped', ...WHY_SKIPPED[depth] },
  depth,
  at: clock.now(),
  durationMs: 0,
});

const askOne = async ({ clock, redact = (text) => text }: Deps, ask: AskInTime, probe: HealthProbe): Promise<ProbeReading | undefined> => {
  const elapsed = clock.elapsed ?? clock.now;
  const startedAt = elapsed();
  const found = await ask(probe);
  if (!found) return undefined;
  const shown = (text: string): string => lineExcerpt(redact(text), MAX_LENGTH);
  const { status, message, where, fixHint, reply } = found;
  return {
    check: {
      id: probe.id,
      status,
      message: shown(message),
      ...present({ where: where === undefined ? undefined : shown(where), fixHint: fixHint === undefined ? undefined : shown(fixHint) }),
    },
    depth: probe.depth,
    at: clock.now(),
    durationMs: Math.max(0, Math.round(elapsed() - startedAt)),
    ...present({ unreadyFrom: probe.unreadyFrom, reply: reply === undefined ? undefined : redact(reply) }),
  };
};

/** A probe that hangs is not asked again for this long, unless it comes back. */
const HANGS_MS = 30_000;

type AskInTime = (probe: HealthProbe) => Promise<Finding | undefined>;

/** Asks a probe, and settles within its limit, also where the probe does not. */
const makeAskInTime = (clock: Clock): AskInTime => {
  const ask = makeAskWithin<Finding | undefined>(clock, HANGS_MS);
  return async (probe) => {
    const late = (lateMs: number): Finding => ({
      ...probe.late,
      message: `no answer within ${Number((lateMs / 1_000).toFixed(1))} s`,
    });
    try {
      return await ask({ who: probe, ms: probe.limitMs, ask: (signal) => probe.probe(signal), late });
    } catch (error) {
      return failed(error);
    }
  };
};

/** A failure, as what was found. */
const failed = (error: unknown): Finding => ({
  status: 'fail',
  message: reasonOf(error),
  ...present({ fixHint: isPortError(error) ? error.help : undefined }),
});
