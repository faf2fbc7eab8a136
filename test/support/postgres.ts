import { openJobStorage } from '../../src/adapters/postgres/job-storage.ts';
import { needs } from './needs.ts';
import { postgresProgram } from './postgres-program.ts';
import { administer, makeDatabase, type PostgresServer, startPostgres } from './postgres-server.ts';

export { administer, type PostgresServer };

needs(postgresProgram);

let shared: Promise<PostgresServer> | undefined;

/** The server that all tests share; started when it is first asked for. */
export const postgresServer = (): Promise<PostgresServer> => {
  shared ??= startServer();
  return shared;
};

/** A server of its own, for tests that stop it. It ends with the process of the tests. */
export const startServer = (): Promise<PostgresServer> => startPostgres();

const TEMPLATE = 'kept_template';
const templates = new WeakMap<PostgresServer, Promise<void>>();

const makeTemplate = async (server: PostgresServer): Promise<void> => {
  await administer(server.urlOf('postgres'), (client) => client.query(`CREATE DATABASE ${TEMPLATE}`));
  await (await openJobStorage({ url: server.urlOf(TEMPLATE) })).close();
};

/** The URL of a database of its own, empty but with its tables. `drop` removes it, whoever still uses it. */
export const freshDatabase = async (on?: PostgresServer): Promise<{ readonly url: string; drop(): Promise<void> }> => {
  const server = on ?? (await postgresServer());
  const template = templates.get(server) ?? makeTemplate(server);
  templates.set(server, template);
  await template;
  return makeDatabase(server, TEMPLATE);
};
