import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { endWithUs, removeDirectory, takeDirectory } from './own-directory.ts';
import { type PostgresProgram, postgresProgram } from './postgres-program.ts';

/** A PostgreSQL server on loopback, durable as in earnest. */
export interface PostgresServer {
  readonly port: number;
  /** Its first process, while it runs. */
  readonly pid: number | undefined;
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
const READY = 'database system is ready to accept connections';

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port'))));
    });
  });

/** Resolves when a program has ended, with its exit code and all that it said. */
const ended = async (child: ChildProcess): Promise<{ readonly code: number | null; readonly output: string }> => {
  const closed = once(child, 'close');
  const [stdout, stderr] = await Promise.all([child.stdout ? text(child.stdout) : '', child.stderr ? text(child.stderr) : '']);
  const [code] = (await closed) as [number | null];
  return { code, output: stdout + stderr };
};

/**
 * A cluster in `directory/data`. It need not outlive the machine before a server runs on it, so nothing is synced yet.
 */
const initialise = async (program: PostgresProgram, directory: string): Promise<void> => {
  const passwordFile = join(directory, 'password');
  writeFileSync(passwordFile, `${PASSWORD}\n`, { mode: 0o600 });
  program.giveTo(directory);
  const options = [
    '--pgdata=data',
    '--username=kept',
    '--pwfile=password',
    '--auth=password',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ];
  const { code, output } = await ended(program.start('initdb', options, directory));
  if (code !== 0) throw new Error(`PostgreSQL could not be initialised in ${directory}:\n${output}`);
};

/** Resolves when it takes connections. */
const launch = (program: PostgresProgram, directory: string, port: number): Promise<ChildProcess> => {
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200'];
  const child = program.start('postgres', ['-D', 'data', '-p', `${port}`, ...settings.flatMap((setting) => ['-c', setting])], directory);
  endWithUs(child);
  const { promise, resolve, reject } = Promise.withResolvers<ChildProcess>();
  let log = '';
  const onLog = (chunk: Buffer): void => {
    log += chunk.toString();
    if (!log.includes(READY)) return;
    child.stderr?.off('data', onLog).resume();
    resolve(child);
  };
  child.stderr?.on('data', onLog);
  child.stdout?.resume();
  child.once('error', reject);
  child.once('close', () => reject(new Error(`PostgreSQL did not start:\n${log}`)));
  return promise;
};

/** A fresh server, running, in a directory of its own. Both end with this process at the latest. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const program = await postgresProgram();
  const directory = takeDirectory('postgres', program.place);
  const port = await freePort();
  await initialise(program, directory);
  let running: ChildProcess | undefined;
  const start = async () => {
    running = await launch(program, directory, port);
  };
  const end = async (signal: NodeJS.Signals) => {
    if (!running) return;
    const exited = isRunning(running) ? once(running, 'exit') : undefined;
    running.kill(signal);
    running = undefined;
    await exited;
  };
  await start();
  return {
    port,
    get pid() {
      return running?.pid;
    },
    urlOf: (database) => `postgres://kept:${PASSWORD}@127.0.0.1:${port}/${database}`,
    // The fast shutdown, which ends sessions and writes all down.
    stop: () => end('SIGINT'),
    start,
    restart: async () => {
      await end('SIGINT');
      await start();
    },
    kill: () => end('SIGQUIT'),
    remove: async () => {
      await end('SIGINT');
      removeDirectory(directory);
    },
  };
};

const isRunning = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode === null && signalCode === null;

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
