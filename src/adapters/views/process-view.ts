import type { ListedProcess } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { ProcessesReport } from '../../ports/index.ts';
import { iso } from './iso.ts';

/** A process of the register, and what it is at, as JSON. */
export const processView = ({ work, startedAt, heartbeatAt, stoppedAt, ...process }: ListedProcess) => ({
  id: process.id,
  role: process.role,
  host: process.host,
  pid: process.pid,
  version: process.version,
  dataDir: process.dataDir,
  vitality: process.vitality,
  startedAt: iso(startedAt),
  heartbeatAt: iso(heartbeatAt),
  ...present({ stoppedAt: stoppedAt === undefined ? undefined : iso(stoppedAt) }),
  ...work,
});

/** At most `limit` processes: those that live, then those with the latest sign of life. */
export const processesView = ({ at, processes, leader, restarts, looping, restartsWithinMs }: ProcessesReport, limit: number) => ({
  at: iso(at),
  processes: processes
    .toSorted((a, b) => Number(b.vitality === 'alive') - Number(a.vitality === 'alive'))
    .slice(0, limit)
    .map(processView),
  total: processes.length,
  ...present({ leader }),
  restarts,
  looping,
  restartsWithinSeconds: restartsWithinMs / 1_000,
});
