import type { Clock } from '../../ports/clock.ts';
import type { HealthProbe, ProbeDepth } from '../../ports/health-probe.ts';
import { type ProbeReading, probesUpTo, type RunProbes } from './run-probes.ts';

/**
 * What the probes of this process have found. However many ask, one run goes on at a time for each depth, and what it
 * found counts for a while: a request for health costs no more than that.
 */
export interface HealthBoard {
  /**
   * What was found, to that depth. Of `local`, the probes that go further are left out; of the others, they are told as
   * skipped. Never rejects.
   */
  read(depth: ProbeDepth): Promise<readonly ProbeReading[]>;
  /** What the deep probes found when they were last asked; empty before that. */
  lastDeep(): readonly ProbeReading[];
}

/** How long what was found at that depth counts, in ms. */
const HOLDS_MS: Readonly<Record<ProbeDepth, number>> = { local: 2_000, cheap: 5_000, deep: 60_000 };

interface Kept {
  readonly readings: Promise<readonly ProbeReading[]>;
  /** Undefined while the run goes on. */
  foundAt?: number;
}

export const makeHealthBoard = ({
  probes: given,
  run,
  clock,
}: {
  /** Those that there are; a function where they may change. */
  readonly probes: readonly HealthProbe[] | (() => readonly HealthProbe[]);
  readonly run: RunProbes;
  readonly clock: Clock;
}): HealthBoard => {
  const elapsed = clock.elapsed ?? clock.now;
  const probesNow = typeof given === 'function' ? given : () => given;
  const kept = new Map<ProbeDepth, Kept>();
  let deep: readonly ProbeReading[] = [];

  /** Asks the probes of that very depth. */
  const start = (depth: ProbeDepth): Kept => {
    const started: Kept = {
      readings: run(
        probesNow().filter((probe) => probe.depth === depth),
        { depth },
      ),
    };
    void started.readings.then((found) => {
      started.foundAt = elapsed();
      if (depth === 'deep') deep = found;
    });
    kept.set(depth, started);
    return started;
  };
  const holds = ({ foundAt }: Kept, depth: ProbeDepth): boolean => foundAt === undefined || elapsed() - foundAt < HOLDS_MS[depth];
  const found = (depth: ProbeDepth): Promise<readonly ProbeReading[]> => {
    const last = kept.get(depth);
    return (last && holds(last, depth) ? last : start(depth)).readings;
  };

  return {
    read: async (depth) => {
      if (depth === 'local') return found('local');
      const probes = probesNow();
      const asked = new Set(probesUpTo(probes, depth));
      const further = probes.filter((probe) => !asked.has(probe));
      const parts = await Promise.all([
        found('local'),
        found('cheap'),
        ...(depth === 'deep' ? [found('deep')] : []),
        run(further, { depth }),
      ]);
      const byId = new Map(parts.flat().map((reading) => [reading.check.id, reading]));
      return probes.flatMap(({ id }) => byId.get(id) ?? []);
    },
    lastDeep: () => deep,
  };
};
