import { makeDiskProbe } from '../../adapters/probes/index.ts';
import { makeStoredProbes } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import type { Clock, HealthProbe, Storage } from '../../ports/index.ts';
import { modelProbes } from '../probes/model-probes.ts';
import { processProbes } from '../probes/process-probes.ts';

/** What probes look at. */
export interface ProbeParts {
  readonly config: Config;
  readonly clock: Clock;
  /** Opens the storage, or gives the open one. */
  readonly storage: () => Promise<Storage>;
  /** Names of the models that are asked. */
  readonly models: readonly string[] | undefined;
}

/**
 * Every probe of a process, the nearest first: the store, the disk, the queue, the processes, and those who are asked.
 * The one list, for the running processes, `kept health`, and whoever else wants to know.
 */
export const makeProbes = ({ config, clock, storage, models }: ProbeParts): readonly HealthProbe[] => [
  ...makeStoredProbes({ storage, clock, policy: config.policy, models }),
  ...processProbes(config, storage),
  makeDiskProbe({ dataDir: config.dataDir }),
  ...modelProbes(config).map(({ probe }) => probe),
];
