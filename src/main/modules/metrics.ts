import type { Container } from 'inversify';
import type { ReadDiskRoom } from '../../adapters/probes/index.ts';
import type { GaugeSource, Sample } from '../../adapters/prometheus/index.ts';
import { floodWaitIn, isStaleLook, type KnownBackup, type RunProbes, readLastLook } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { LOCAL } from '../../domain/index.ts';
import type { Clock, HealthProbe, Storage } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import type { Role } from '../data-dir.ts';
import { type LeaderStatus, TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The metrics of a process of that role. What counts them is loaded where a process serves them, and not elsewhere. */
export const bindMetrics = (container: Container, role: Role): void =>
  bind(
    container,
    T.metrics,
    {
      config: T.config,
      storage: T.storage,
      clock: T.clock,
      redact: T.redact,
      runProbes: T.runProbes,
      diskRoom: T.diskRoom,
      knownBackup: T.knownBackup,
    },
    async ({ config, storage, clock, redact, runProbes, diskRoom, knownBackup }) => {
      const { makeMetrics } = await import('../../adapters/prometheus/index.ts');
      // Probes know all parts of this process: they are made when there is somebody to tell.
      const probes = async (): Promise<readonly HealthProbe[]> => (await container.getAsync(T.probes))();
      const standing = role === 'worker' ? undefined : (): Promise<LeaderStatus> => container.getAsync(T.leaderStatus);
      return makeMetrics({
        clock,
        redact,
        sources: await gaugeSources({ role, config, storage, clock, probes, runProbes, diskRoom, knownBackup, standing }),
      });
    },
  );

export interface GaugeParts {
  readonly role: Role;
  readonly config: Config;
  readonly storage: Storage;
  readonly clock: Pick<Clock, 'now'>;
  readonly probes: () => Promise<readonly HealthProbe[]>;
  readonly runProbes: RunProbes;
  readonly diskRoom: ReadDiskRoom;
  readonly knownBackup: () => Promise<KnownBackup | undefined>;
  /** Absent in a worker. */
  readonly standing?: (() => Promise<Pick<LeaderStatus, 'botScope'>>) | undefined;
}

/** What the gauges of a process are read from. */
export const gaugeSources = async (parts: GaugeParts): Promise<readonly GaugeSource[]> => {
  const { storedGauges } = await import('../../adapters/prometheus/index.ts');
  const { role, config, storage, clock, probes, runProbes, diskRoom, knownBackup, standing } = parts;
  const gateways = [LOCAL, ...(config.telegram ? ['telegram'] : [])];
  return [
    ...storedGauges({ storage, clock, gateways, rules: config.alertRules }),
    waits(storage, clock, gateways),
    budgets(storage, clock),
    checks(probes, runProbes),
    disk(diskRoom),
    backups(knownBackup),
    itself(role, standing),
  ];
};

const waits = (storage: Pick<Storage, 'state'>, clock: Pick<Clock, 'now'>, gateways: readonly string[]): GaugeSource => ({
  name: 'flood waits',
  gauges: ['kept_flood_wait_seconds'],
  read: () =>
    Promise.all(
      gateways.map(async (gateway) => ({
        name: 'kept_flood_wait_seconds' as const,
        labels: { gateway },
        value: (await floodWaitIn(storage.state, gateway, clock.now())) / 1_000,
      })),
    ),
});

/** Nothing where nobody has looked of late: what a budget was then says nothing of now. */
const budgets = (storage: Pick<Storage, 'state'>, clock: Pick<Clock, 'now'>): GaugeSource => ({
  name: 'budgets',
  gauges: ['kept_budget_used_ratio'],
  read: async () => {
    const look = await readLastLook(storage.state('alerts'));
    if (!look || isStaleLook(look, clock.now())) return [];
    const found = look.readings['budget.used'] ?? [];
    return found.flatMap(({ subject, value }): Sample<'kept_budget_used_ratio'>[] =>
      subject === undefined || value === undefined ? [] : [{ name: 'kept_budget_used_ratio', labels: { budget: subject }, value }],
    );
  },
});

/** How long a check may take. It is less than what a source may: a check that hangs shows as 0, and hides no other. */
const CHECK_MS = 1_500;

type UpName = 'kept_check_up' | 'kept_gateway_up' | 'kept_mcp_server_up';

const checks = (probes: () => Promise<readonly HealthProbe[]>, run: RunProbes): GaugeSource => {
  let made: readonly HealthProbe[] | undefined;
  return {
    name: 'checks',
    gauges: ['kept_check_up', 'kept_gateway_up', 'kept_mcp_server_up'],
    read: async () => {
      made ??= shortened(await probes());
      const byId = new Map(made.map((probe) => [probe.id, probe]));
      const found = await run(made, { depth: 'local' });
      return found.flatMap(({ check: { id, status } }): Sample<UpName>[] => {
        if (status === 'skipped') return [];
        const { gateway, mcpServer: server } = byId.get(id) ?? {};
        const value = status === 'fail' ? 0 : 1;
        return [
          { name: 'kept_check_up', labels: { check: id }, value },
          ...(gateway === undefined ? [] : [{ name: 'kept_gateway_up' as const, labels: { gateway }, value }]),
          ...(server === undefined ? [] : [{ name: 'kept_mcp_server_up' as const, labels: { server }, value: status === 'ok' ? 1 : 0 }]),
        ];
      });
    },
  };
};

/** Those that ask nobody else, each within `CHECK_MS`. */
const shortened = (probes: readonly HealthProbe[]): readonly HealthProbe[] =>
  probes.filter(({ depth }) => depth === 'local').map((probe) => ({ ...probe, limitMs: Math.min(CHECK_MS, probe.limitMs) }));

const disk = (readRoom: ReadDiskRoom): GaugeSource => ({
  name: 'disk',
  gauges: ['kept_disk_free_bytes', 'kept_disk_size_bytes'],
  read: async () => {
    const { freeBytes, totalBytes } = await readRoom();
    return [
      { name: 'kept_disk_free_bytes', labels: {}, value: freeBytes },
      { name: 'kept_disk_size_bytes', labels: {}, value: totalBytes },
    ];
  },
});

const backups = (knownBackup: GaugeParts['knownBackup']): GaugeSource => ({
  name: 'backups',
  gauges: ['kept_backup_timestamp_seconds'],
  read: async () => {
    const newest = await knownBackup();
    return newest?.isFound ? [{ name: 'kept_backup_timestamp_seconds', labels: {}, value: newest.at / 1_000 }] : [];
  },
});

const itself = (role: Role, standing: GaugeParts['standing']): GaugeSource => ({
  name: 'process',
  gauges: ['kept_process_info', 'kept_leader'],
  read: async () => [
    { name: 'kept_process_info', labels: { role, version: VERSION }, value: 1 },
    ...(standing ? [{ name: 'kept_leader' as const, labels: {}, value: (await standing()).botScope ? 1 : 0 }] : []),
  ],
});
