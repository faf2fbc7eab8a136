import type { HealthCheck } from '../../domain/health/health.ts';
import type { HealthProbe } from '../../ports/health-probe.ts';
import type { RunProbes } from './run-probes.ts';

/** What mends something, without a person who knows more. */
export interface Repair {
  /** What it does, as people are asked: `remove data/kept.lock`. */
  readonly words: string;
  /** Rejects where it can't. MUST NOT touch the files of a running process. */
  readonly run: () => Promise<void>;
}

/** A probe of the doctor's own: it may know how to mend what it finds. */
export interface DoctorCheck extends HealthProbe {
  /** What would mend what is wrong now. Changes nothing. */
  readonly repairs?: () => Promise<readonly Repair[]>;
  /** Probes that would tell the same again: they are not asked while this one is not well. */
  readonly explains?: readonly string[];
}

export interface Diagnosis {
  readonly checks: readonly HealthCheck[];
  /** Asks the doctor's own checks what they offer for what is not well. Never rejects. */
  readonly repairs: () => Promise<readonly OfferedRepair[]>;
}

/** A repair, with the id of the check that offers it. */
export type OfferedRepair = Repair & { readonly id: string };

export interface Examination {
  readonly checks: readonly DoctorCheck[];
  /** The other probes; `explained` has those that are not asked, each with what says why. */
  readonly probes: (explained: ReadonlyMap<string, string>) => readonly HealthProbe[];
  readonly unseen: (probes: readonly HealthProbe[]) => Promise<readonly HealthCheck[]>;
  readonly run: RunProbes;
  readonly isAsked: (id: string) => boolean;
  /** Checks and probes that can tell nothing, each with the check that says why. */
  readonly explained?: ReadonlyMap<string, string>;
}

export const isUnwell = ({ status }: Pick<HealthCheck, 'status'>): boolean => status === 'warn' || status === 'fail';

/** The own checks first: where one shows why a probe would fail, that probe is not asked. Never rejects for a check. */
export const diagnose = async ({ checks, probes, unseen, run, isAsked, explained = new Map() }: Examination): Promise<Diagnosis> => {
  const own = await run(checks.filter(({ id }) => isAsked(id)).map((check) => unasked(check, explained.get(check.id))));
  const unwell = new Set(own.filter(({ check }) => isUnwell(check)).map(({ check }) => check.id));
  const said = new Map([
    ...explained,
    ...checks.flatMap(({ id, explains = [] }) => (unwell.has(id) ? explains.map((probe) => [probe, id] as const) : [])),
  ]);
  const others = probes(said);
  const asked = others.filter(({ id }) => isAsked(id)).map((probe) => unasked(probe, said.get(probe.id)));
  const readings = await run(asked);
  const further = (await unseen(others)).filter(({ id }) => isAsked(id));
  return {
    checks: [...own, ...readings].map(({ check }) => check).concat(further),
    repairs: async () => (await Promise.all(checks.filter(({ id }) => unwell.has(id)).map(offered))).flat(),
  };
};

/** Where even the look for repairs fails, there are none: the check has said why already. */
const offered = async ({ id, repairs }: DoctorCheck): Promise<readonly OfferedRepair[]> => {
  try {
    return ((await repairs?.()) ?? []).map((repair) => ({ ...repair, id }));
  } catch {
    return [];
  }
};

const unasked = (probe: HealthProbe, by: string | undefined): HealthProbe =>
  by === undefined
    ? probe
    : { ...probe, depth: 'local', probe: async () => ({ status: 'skipped', message: `not looked at: ${by} says why` }) };

/** Whether an id is asked for by its name, or by that of its area or family: `storage`, `model.openai`. */
export const isNamed = (id: string, name: string): boolean => id === name || id.startsWith(`${name}.`) || id.startsWith(`${name}/`);
