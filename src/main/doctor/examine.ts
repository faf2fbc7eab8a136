import { existsSync, readdirSync } from 'node:fs';
import { type Diagnosis, diagnose, isNamed } from '../../application/index.ts';
import type { Config, ConfigProblem } from '../../config/index.ts';
import type { HealthCheck } from '../../domain/index.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import { nearestName } from '../../domain/shared/nearest-name.ts';
import type { Logger } from '../../ports/index.ts';
import { hasData } from '../data-dir.ts';
import { UsageError } from '../failures.ts';
import { besideProcesses, unopened } from '../health.ts';
import { hiddenBy, onDisk } from '../hung-disk.ts';
import { PROBES } from '../probes/probe-list.ts';
import { DOCTOR_CHECKS } from './check-list.ts';
import { makeDoctorChecks } from './checks.ts';
import type { DoctorParts } from './parts.ts';

/** Which checks are asked. */
export interface Chosen {
  readonly only?: readonly string[] | undefined;
  readonly skip?: readonly string[] | undefined;
  /** Also what costs money, or starts a program. */
  readonly deep?: boolean | undefined;
}

export type ExamineOptions = Partial<Pick<DoctorParts, 'nodeVersion' | 'hung'>>;

/**
 * The composition of `kept doctor`. Creates and changes nothing. Throws UsageError where a chosen name is that of no
 * check, or of nothing that this installation has.
 */
export const examine = (
  { config, problems }: { readonly config: Config; readonly problems: readonly ConfigProblem[] },
  logger: Logger,
  chosen: Chosen,
  { nodeVersion = process.versions.node, hung }: ExamineOptions = {},
): Promise<Diagnosis> =>
  besideProcesses(config, { logger, depth: chosen.deep ? 'deep' : 'cheap', isHung: hung === 'data' }, async ({ run, probes, unseen }) => {
    const checks = makeDoctorChecks({ config, problems, now: Date.now, nodeVersion, hung });
    const known = [...checks, ...probes()].map(({ id }) => id);
    requireKnown(chosen, known);
    const found = await diagnose({
      checks,
      probes: (explained) => probes(explained.has('storage.database') ? unopened() : undefined),
      unseen,
      run,
      isAsked: (id) => isAsked(chosen, id),
      explained: hung === 'data' ? byDirectory(hiddenBy(config)) : explainedBy(config),
    });
    return { ...found, checks: answersTo(chosen, known, found.checks) };
  });

/** What can't be looked at in the data directory, each with the check that says why. */
const explainedBy = (config: Config): ReadonlyMap<string, string> => {
  const { dataDir } = config;
  const ids = [
    ...(hasData(config) ? [] : ['storage.database']),
    ...(existsSync(dataDir) ? [] : ['storage.disk']),
    ...(canBeListed(dataDir) ? [] : onDisk(config)),
  ];
  return byDirectory(ids);
};

const byDirectory = (ids: readonly string[]): ReadonlyMap<string, string> => new Map(ids.map((id) => [id, 'storage.directory']));

/** False where this user may not look into it. One that is not there yet is no fault. */
const canBeListed = (directory: string): boolean => {
  try {
    readdirSync(directory);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR';
  }
};

export const isAsked = ({ only, skip = [] }: Chosen, id: string): boolean =>
  (only === undefined || only.some((name) => isNamed(id, name))) && !skip.some((name) => isNamed(id, name));

/** Throws UsageError for a name that no check has, on any installation. */
const requireKnown = ({ only = [], skip = [] }: Chosen, here: readonly string[]): void => {
  const documented = [...Object.keys(DOCTOR_CHECKS), ...Object.keys(PROBES)];
  const families = documented.flatMap((id) => (id.includes('<') ? [id.slice(0, id.indexOf('<'))] : []));
  const ids = [...here, ...documented.filter((id) => !id.includes('<'))];
  for (const name of [...only, ...skip]) {
    if (ids.some((id) => isNamed(id, name)) || families.some((family) => name.startsWith(family) || `${name}.` === family)) continue;
    const near = nearestName(name, ids);
    throw new UsageError(
      `no check is called "${name}"${near === undefined ? '; docs/reference/checks.md lists them' : `: did you mean "${near}"?`}`,
      'usage/unknown-check',
    );
  }
};

/**
 * What is told of what was chosen. Who asks for something by its name must not hear that all is well because nobody
 * could look: a name of which everything was skipped is a warning, and one of which there is nothing, an error.
 */
const answersTo = (chosen: Chosen, known: readonly string[], checks: readonly HealthCheck[]): readonly HealthCheck[] => {
  const ids = [...new Set([...known, ...checks.map(({ id }) => id)])];
  const asked = ids.filter((id) => isAsked(chosen, id));
  const unanswered = new Set<string>();
  const quiet: string[] = [];
  for (const name of chosen.only ?? []) {
    const named = asked.filter((id) => isNamed(id, name));
    if (named.length === 0) throw new UsageError(whyNothing(name, ids), 'usage/no-check');
    const lines = checks.filter(({ id }) => isNamed(id, name));
    if (lines.length === 0) quiet.push(...named);
    else if (lines.every(({ status }) => status === 'skipped')) for (const { id } of lines) unanswered.add(id);
  }
  if (asked.length === 0) throw new UsageError('no check is left: name some with --only, or fewer with --skip', 'usage/no-check');
  return [
    ...checks.map((check) => (unanswered.has(check.id) ? { ...check, status: 'warn' as const } : check)),
    ...[...new Set(quiet)].map((id) => ({ id, status: 'ok' as const, message: 'there is nothing to tell of it' })),
  ];
};

const whyNothing = (name: string, ids: readonly string[]): string => {
  if (ids.some((id) => isNamed(id, name))) return `--skip leaves nothing of "${name}"`;
  const near = nearestName(name, ids);
  return `this installation has no "${name}"${near === undefined ? ': it is not configured, or not used here' : `: did you mean "${near}"?`}`;
};
