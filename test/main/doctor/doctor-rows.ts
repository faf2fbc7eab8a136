import { once } from 'node:events';
import { chmod, mkdir, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import type { DoctorCheckId } from '../../../src/main/doctor/check-list.ts';
import type { DoctorSite } from '../../support/doctor-site.ts';

type Undo = () => unknown;

/** One check of the doctor's own, and how exactly that thing is broken. */
export interface DoctorRow {
  readonly breaks: (site: DoctorSite) => Promise<Undo>;
  readonly status: 'warn' | 'fail';
  readonly message: RegExp;
  readonly hint: RegExp;
  /** Whether `--fix` mends it. */
  readonly mends?: true;
  /** Whom it asks, or that it asks nobody. */
  readonly stalls: 'asks nobody' | 'asks the disk' | 'asks PostgreSQL' | 'takes a listener that says nothing as alive';
}

const setting =
  (name: string, value: string): DoctorRow['breaks'] =>
  async ({ env }) => {
    const before = env[name];
    env[name] = value;
    return () => {
      if (before === undefined) delete env[name];
      else env[name] = before;
    };
  };

const leaving =
  (name: string, { ageMs = 0 } = {}): DoctorRow['breaks'] =>
  async ({ dataDir }) => {
    const path = join(dataDir, name);
    await writeFile(path, '', { mode: 0o600 });
    const at = (Date.now() - ageMs) / 1_000;
    await utimes(path, at, at);
    return () => rm(path, { force: true });
  };

const changing = (path: string, change: (database: InstanceType<typeof Database>) => void): void => {
  const database = new Database(path);
  try {
    change(database);
  } finally {
    database.close();
  }
};

/** The file of a socket whose listener has ended without removing it. */
const leaveSocket = async (path: string): Promise<void> => {
  const server = createServer();
  server.listen(`${path}.made`);
  await once(server, 'listening');
  await rename(`${path}.made`, path);
  await new Promise((resolve) => server.close(resolve));
};

export const DOCTOR_ROWS: Readonly<Record<DoctorCheckId, DoctorRow>> = {
  'system.node': {
    breaks: async (site) => {
      const before = site.node;
      site.node = '22.9.3';
      return () => {
        site.node = before;
      };
    },
    status: 'fail',
    message: /Node 22\.9\.3 is older than 22\.14/,
    hint: /install Node 22\.14 or newer/,
    stalls: 'asks nobody',
  },
  'system.port': {
    breaks: async (site) => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const undo = await setting('PORT', String((server.address() as AddressInfo).port))(site);
      return async () => {
        await undo();
        await new Promise((resolve) => server.close(resolve));
      };
    },
    status: 'fail',
    message: /port \d+ is taken/,
    hint: /see HOST and PORT/,
    stalls: 'asks the disk',
  },
  'config.file': {
    breaks: async (site) =>
      setting(
        'KEPT_CONFIG',
        join(site.dir, 'nowhere.json'),
      )(site).then(async (undo) => {
        await writeFile(join(site.dir, 'nowhere.json'), '{"workspaces": {"psy": {"databse_id": 1}}}');
        return async () => {
          await undo();
          await rm(join(site.dir, 'nowhere.json'));
        };
      }),
    status: 'fail',
    message: /nowhere\.json: .*psy/,
    hint: /.+/,
    stalls: 'asks the disk',
  },
  'config.env': {
    breaks: setting('KEPT_DATADIR', '/somewhere'),
    status: 'warn',
    message: /KEPT_DATADIR: no such variable is known/,
    hint: /did you mean "KEPT_DATA_DIR"\?/,
    stalls: 'asks nobody',
  },
  'config.keys': {
    breaks: setting('OPENAI_API_KEY', 'your-openai-api-key'),
    status: 'warn',
    message: /OPENAI_API_KEY: looks like the placeholder of an example/,
    hint: /give the real key/,
    stalls: 'asks nobody',
  },
  'config.production': {
    breaks: setting('ENVIRONMENT', 'production'),
    status: 'warn',
    message: /KEPT_API_TOKEN: is not set/,
    hint: /openssl rand/,
    stalls: 'asks nobody',
  },
  'storage.directory': {
    breaks: async ({ dataDir }) => {
      await writeFile(join(dataDir, 'logs'), '', { mode: 0o600 });
      return () => rm(join(dataDir, 'logs'));
    },
    status: 'fail',
    message: /logs is no directory/,
    hint: /move it away/,
    stalls: 'asks the disk',
  },
  'storage.modes': {
    breaks: async ({ database }) => {
      await chmod(database, 0o644);
      return () => chmod(database, 0o600);
    },
    status: 'warn',
    message: /other users of this machine can read or change .*system\.db/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'asks the disk',
  },
  'storage.migrations': {
    breaks: async ({ database }) => {
      const last = '(SELECT max(timestamp) FROM aside)';
      changing(database, (opened) =>
        opened.exec(`CREATE TABLE aside AS SELECT * FROM schema_migrations; DELETE FROM schema_migrations WHERE timestamp = ${last}`),
      );
      return () =>
        changing(database, (opened) =>
          opened.exec(`INSERT INTO schema_migrations SELECT * FROM aside WHERE timestamp = ${last}; DROP TABLE aside`),
        );
    },
    status: 'warn',
    message: /the tables are of an older version of Kept: 1 migration is still to run/,
    hint: /a start brings them up to date/,
    stalls: 'asks PostgreSQL',
  },
  'storage.settings': {
    breaks: async ({ database }) => {
      changing(database, (opened) => void opened.pragma('journal_mode = DELETE'));
      return () => changing(database, (opened) => void opened.pragma('journal_mode = WAL'));
    },
    status: 'warn',
    message: /the journal is delete, not WAL/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'asks PostgreSQL',
  },
  'storage.backup': {
    breaks: async ({ dataDir }) => {
      const place = join(dataDir, 'backups');
      await mkdir(place, { mode: 0o700 });
      changing(join(place, 'old.db'), (opened) => opened.exec('CREATE TABLE a (b)'));
      await chmod(join(place, 'old.db'), 0o600);
      await utimes(join(place, 'old.db'), 1_000_000_000, 1_000_000_000);
      // From the future, which counts as none.
      changing(join(place, 'ahead.db'), (opened) => opened.exec('CREATE TABLE a (b)'));
      await chmod(join(place, 'ahead.db'), 0o600);
      await utimes(join(place, 'ahead.db'), 4_000_000_000, 4_000_000_000);
      // Newer, and none of them a backup.
      await writeFile(join(place, 'README'), 'what stands here', { mode: 0o600 });
      await writeFile(join(place, 'failed.db'), '', { mode: 0o600 });
      return () => rm(place, { recursive: true });
    },
    status: 'warn',
    message: /the newest backup was made .* ago; 1 with a time in the future count as none/,
    hint: /make a backup/,
    stalls: 'asks the disk',
  },
  'process.lock': {
    breaks: async (site) => {
      const undo = await Promise.all(['worker-killed.lock', 'worker-killed.pid'].map((name) => leaving(name)(site)));
      return () => Promise.all(undo.map((each) => each()));
    },
    status: 'warn',
    message: /worker-killed\.lock: the process that made it has ended/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'asks the disk',
  },
  'process.pid': {
    breaks: leaving('worker-killed.pid'),
    status: 'warn',
    message: /worker-killed\.pid: it stands beside no lock/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'asks the disk',
  },
  'process.socket': {
    breaks: async ({ dataDir }) => {
      const path = join(dataDir, 'agent.sock');
      await leaveSocket(path);
      await chmod(path, 0o600);
      return () => rm(path, { force: true });
    },
    status: 'warn',
    message: /agent\.sock: nobody listens on it/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'takes a listener that says nothing as alive',
  },
  'process.temp': {
    breaks: leaving('kept.json.4711', { ageMs: 11 * 60_000 }),
    status: 'warn',
    message: /kept\.json\.4711: its writer has ended/,
    hint: /doctor --fix/,
    mends: true,
    stalls: 'asks the disk',
  },
};
