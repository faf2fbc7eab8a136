import { type ProcessWork, promiseId, type RegisteredProcess } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { ProcessRegister } from '../../ports/index.ts';
import type { Sql, Transaction } from './sql.ts';

interface ProcessRow {
  readonly id: string;
  readonly role: string;
  readonly host: string;
  readonly pid: number;
  readonly version: string;
  readonly data_dir: string;
  readonly started_at: number;
  readonly heartbeat_at: number;
  readonly stopped_at: number | null;
  readonly work: string;
}

const BEAT = `INSERT INTO processes (id, role, host, pid, version, data_dir, started_at, heartbeat_at, work)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, work = excluded.work WHERE processes.stopped_at IS NULL`;
const STOP = 'UPDATE processes SET stopped_at = ?, heartbeat_at = ? WHERE id = ? AND stopped_at IS NULL';
const LIST = 'SELECT * FROM processes ORDER BY heartbeat_at DESC, id DESC LIMIT ?';
/** There are few rows: this very statement sees to it. */
const PURGE = `DELETE FROM processes WHERE id IN (
  SELECT id FROM (
    SELECT id, heartbeat_at, row_number() OVER (PARTITION BY role, host ORDER BY heartbeat_at DESC, id DESC) AS nth,
      row_number() OVER (ORDER BY heartbeat_at DESC, id DESC) AS nth_of_all
    FROM processes WHERE stopped_at IS NOT NULL OR heartbeat_at < ? OR heartbeat_at > ?
  ) AS past WHERE heartbeat_at < ? OR heartbeat_at > ? OR nth > ? OR nth_of_all > ?) RETURNING id`;

/** The register of processes, over the database itself or over one transaction. */
export const makeProcessRegister = <T extends Transaction>(sql: Sql<T>): ProcessRegister => {
  const skew = (): number => sql.skewMs?.() ?? 0;
  return {
    beat: ({ id, role, host, pid, version, dataDir, startedAt, heartbeatAt, work }) =>
      sql.write(async ({ query }) => {
        const ahead = skew();
        await query(BEAT, [id, role, host, pid, version, dataDir, startedAt + ahead, heartbeatAt + ahead, sql.dialect.json(work)]);
      }),
    stop: (id, at) => sql.write(async ({ query }) => void (await query(STOP, [at + skew(), at + skew(), id]))),
    list: async ({ limit }) => {
      const rows = await sql.read<ProcessRow>(LIST, [limit]);
      const ahead = skew();
      return rows.map((row) => fromRow(row, ahead));
    },
    purge: ({ before, silentBefore, after, each, most }) =>
      sql.write(async ({ query }) => {
        const ahead = skew();
        const latest = after + ahead;
        return (await query(PURGE, [silentBefore + ahead, latest, before + ahead, latest, each, most])).length;
      }),
  };
};

const fromRow = (row: ProcessRow, ahead: number): RegisteredProcess => ({
  id: row.id,
  role: row.role,
  host: row.host,
  pid: row.pid,
  version: row.version,
  dataDir: row.data_dir,
  startedAt: row.started_at - ahead,
  heartbeatAt: row.heartbeat_at - ahead,
  work: workOf(JSON.parse(row.work)),
  ...present({ stoppedAt: row.stopped_at === null ? undefined : row.stopped_at - ahead }),
});

/** What another version wrote may lack something, or say it in another way. */
const workOf = (stored: Readonly<Partial<Record<keyof ProcessWork, unknown>>>): ProcessWork => {
  const number = (value: unknown): number => (typeof value === 'number' && value >= 0 ? value : 0);
  const { phase, standing, leader, promises } = stored;
  const { port, isServed } = (stored.metrics ?? {}) as { readonly port?: unknown; readonly isServed?: unknown };
  return {
    phase: phase === 'starting' || phase === 'stopping' || phase === 'failed' ? phase : 'running',
    promises: Array.isArray(promises) ? promises.filter((id) => Number.isSafeInteger(id) && id > 0).map((id: number) => promiseId(id)) : [],
    promiseCount: number(stored.promiseCount),
    answering: number(stored.answering),
    ...(standing === 'leads' || standing === 'stands-by' ? { standing } : {}),
    ...(typeof leader === 'string' ? { leader } : {}),
    ...(typeof port === 'number' ? { metrics: { port, isServed: isServed === true } } : {}),
  };
};
