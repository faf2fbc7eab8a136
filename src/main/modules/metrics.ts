import { statfs } from 'node:fs/promises';
import type { Container } from 'inversify';
import type { GaugeSource, Sample } from '../../adapters/prometheus/index.ts';
import { floodWaitIn, type HealthBoard, readLastLook } from '../../application/index.ts';
import { LOCAL } from '../../domain/index.ts';
import type { Clock, Storage } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import type { Role } from '../data-dir.ts';
import { newestBackup } from '../newest-backup.ts';
import { type LeaderStatus, TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/** The metrics of a process of that role. What counts them is loaded where a process serves them, and not elsewhere. */
export const bindMetrics = (container: Container, role: Role): void =>
  bind(
    container,
    T.metrics,
    { config: T.config, storage: T.storage, clock: T.clock, redact: T.redact },
    async ({ config, storage, clock, redact }) => {
      const { makeMetrics, storedGauges } = await import('../../adapters/prometheus/index.ts');
      const gateways = [LOCAL, ...(config.telegram ? ['telegram'] : [])];
      // The board knows all parts of this process: it is asked for when there is somebody to tell.
      const board = (): Promise<HealthBoard> => container.getAsync(T.healthBoard);
      const standing = role === 'worker' ? undefined : (): Promise<LeaderStatus> => container.getAsync(T.leaderStatus);
      return makeMetrics({
        clock,
        redact,
        sources: [
          ...storedGauges({ storage, clock, gateways }),
          waits(storage, clock, gateways),
          budgets(storage),
          checks(board),
          disk(config.dataDir),
          backups(config.dataDir),
          itself(role, standing),
        ],
      });
    },
  );

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

const budgets = (storage: Pick<Storage, 'state'>): GaugeSource => ({
  name: 'budgets',
  gauges: ['kept_budget_used_ratio'],
  read: async () => {
    const found = (await readLastLook(storage.state('alerts')))?.readings['budget.used'] ?? [];
    return found.flatMap(({ subject, value }): Sample<'kept_budget_used_ratio'>[] =>
      subject === undefined || value === undefined ? [] : [{ name: 'kept_budget_used_ratio', labels: { budget: subject }, value }],
    );
  },
});

const checks = (board: () => Promise<HealthBoard>): GaugeSource => ({
  name: 'checks',
  gauges: ['kept_check_up', 'kept_gateway_up'],
  read: async () => {
    const found = (await (await board()).read('local')).map(({ check }) => check).filter(({ status }) => status !== 'skipped');
    return found.flatMap(({ id, status }): Sample<'kept_check_up' | 'kept_gateway_up'>[] => {
      const value = status === 'fail' ? 0 : 1;
      const [, gateway] = /^gateway\.([^.-]+)$/.exec(id) ?? [];
      const check: Sample<'kept_check_up'> = { name: 'kept_check_up', labels: { check: id }, value };
      return gateway === undefined ? [check] : [check, { name: 'kept_gateway_up', labels: { gateway }, value }];
    });
  },
});

const disk = (directory: string): GaugeSource => ({
  name: 'disk',
  gauges: ['kept_disk_free_bytes', 'kept_disk_size_bytes'],
  read: async () => {
    const { bavail, blocks, bsize } = await statfs(directory);
    return [
      { name: 'kept_disk_free_bytes', labels: {}, value: bavail * bsize },
      { name: 'kept_disk_size_bytes', labels: {}, value: blocks * bsize },
    ];
  },
});

const backups = (dataDir: string): GaugeSource => ({
  name: 'backups',
  gauges: ['kept_backup_timestamp_seconds'],
  read: async () => {
    const at = await newestBackup(dataDir);
    return at === undefined ? [] : [{ name: 'kept_backup_timestamp_seconds', labels: {}, value: at / 1_000 }];
  },
});

const itself = (role: Role, standing: (() => Promise<LeaderStatus>) | undefined): GaugeSource => ({
  name: 'process',
  gauges: ['kept_process_info', 'kept_leader'],
  read: async () => [
    { name: 'kept_process_info', labels: { role, version: VERSION }, value: 1 },
    ...(standing ? [{ name: 'kept_leader' as const, labels: {}, value: (await standing()).botScope ? 1 : 0 }] : []),
  ],
});
