import { type HealthReport, summarise } from '../../domain/health/health.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import type { Clock } from '../../ports/clock.ts';
import { makeRunProbes } from './run-probes.ts';
import { type LookedAt, makeStoredProbes, type StoredProbesDeps } from './stored-probes.ts';

export type CheckHealth = () => Promise<HealthReport>;

/** Looks at the stored state alone: whether it can be read and written, and whether anything waits that should not. */
export const makeCheckHealth = ({ storage, ...deps }: Omit<StoredProbesDeps, 'storage'> & { readonly storage: LookedAt }): CheckHealth => {
  const probes = makeStoredProbes({ ...deps, storage: async () => storage });
  const run = makeRunProbes(deps);
  return async () => summarise((await run(probes)).map(({ check }) => check));
};

/** The state of things in a line, for a chat. */
export const makeStatusLine =
  (deps: { readonly checkHealth: CheckHealth; readonly clock: Clock; readonly startedAt: number }): (() => Promise<string>) =>
  async () => {
    const { status, checks } = await deps.checkHealth();
    const promisesDetail = checks.find(({ id }) => id === 'queue.promises')?.message ?? 'promises unknown';
    return `${status}; promises: ${promisesDetail}; up ${durationWords(deps.clock.now() - deps.startedAt)}`;
  };
