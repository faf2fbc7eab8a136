import { existsSync } from 'node:fs';
import { type Diagnosis, diagnose, isNamed } from '../../application/index.ts';
import type { Config, ConfigProblem } from '../../config/index.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import { type Logger, PortError } from '../../ports/index.ts';
import { UsageError } from '../commands/outcome.ts';
import { hasData } from '../commands/with-context.ts';
import { besideProcesses } from '../health.ts';
import { PROBES } from '../probes/probe-list.ts';
import { DOCTOR_CHECK_IDS } from './check-list.ts';
import { makeDoctorChecks } from './checks.ts';

/** Which checks are asked. */
export interface Chosen {
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
}

/** The composition of `kept doctor`. Creates and changes nothing. */
export const examine = (
  { config, problems }: { readonly config: Config; readonly problems: readonly ConfigProblem[] },
  logger: Logger,
  chosen: Chosen,
  nodeVersion: string = process.versions.node,
): Promise<Diagnosis> =>
  besideProcesses(config, { logger, depth: 'cheap' }, async ({ run, probes, unseen }) => {
    const checks = makeDoctorChecks({ config, problems, now: Date.now, nodeVersion });
    requireKnown(
      chosen,
      probes().map(({ id }) => id),
    );
    return diagnose({
      checks,
      probes: (explained) => probes(explained.has('storage.database') ? unopened() : undefined),
      unseen,
      run,
      isAsked: (id) => isAsked(chosen, id),
      explained: explainedBy(config),
    });
  });

const unopened = (): PortError => new PortError('unavailable', 'the database is not opened', { retryable: false });

/** Of an installation that was not started yet there is nothing to look at. */
const explainedBy = (config: Config): ReadonlyMap<string, string> =>
  new Map([
    ...(hasData(config) ? [] : [['storage.database', 'storage.directory'] as const]),
    ...(existsSync(config.dataDir) ? [] : [['storage.disk', 'storage.directory'] as const]),
  ]);

export const isAsked = ({ only, skip = [] }: Chosen, id: string): boolean =>
  (only === undefined || only.some((name) => isNamed(id, name))) && !skip.some((name) => isNamed(id, name));

/** Throws UsageError for a name that no check has. */
const requireKnown = ({ only = [], skip = [] }: Chosen, probes: readonly string[]): void => {
  const documented = Object.keys(PROBES);
  const ids = [...DOCTOR_CHECK_IDS, ...probes, ...documented.filter((id) => !id.includes('<'))];
  // One that is not configured has no probe; it may be named all the same.
  const families = documented.filter((id) => id.includes('<')).map((id) => id.slice(0, id.indexOf('<')));
  for (const name of [...only, ...skip]) {
    if (ids.some((id) => isNamed(id, name)) || families.some((family) => name.startsWith(family) || `${name}.` === family)) continue;
    const near = nearestName(name, ids);
    throw new UsageError(
      `no check is called "${name}"${near === undefined ? '; docs/reference/checks.md lists them' : `: did you mean "${near}"?`}`,
      'usage/unknown-check',
    );
  }
};
