import type { Container } from 'inversify';
import { makeNotionTools } from '../../adapters/tools/index.ts';
import type { Config } from '../../config/index.ts';
import { ownDatabase } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock, WorkspaceDatabase } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { madeFrom } from '../live-config.ts';
import type { NotionReach } from '../notion-reach.ts';
import { explained, serviceHelp } from '../service-help.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The workspaces' databases. The SDK is loaded where a key is set. A command may bind another reach before. */
export const bindNotion = (container: Container): void => {
  bind(container, T.workspaceDatabase, { config: T.config, clock: T.clock }, ({ config, clock }) => openWorkspaceDatabase(config, clock));
  if (!container.isBound(T.notionReach))
    bind(container, T.notionReach, { policy: T.policy }, ({ policy }) => ({ databasesFor: ownDatabase(policy) }));
  bind(
    container,
    T.notionTools,
    { database: T.workspaceDatabase, reach: T.notionReach },
    ({ database, reach: { databasesFor, workspaces, ...told } }) =>
      database ? makeNotionTools({ database: watched(database, told), databasesFor, ...present({ workspaces }) }) : [],
  );
};

/** Undefined where no key is set. */
export const openWorkspaceDatabase = async (config: Pick<Config, 'notion'>, clock: Clock): Promise<WorkspaceDatabase | undefined> => {
  const { notion } = config;
  if (!notion) return undefined;
  const { makeNotionDatabase } = await import('../../adapters/notion/index.ts');
  const database = madeFrom(
    () => [config.notion?.apiKey] as const,
    () => makeNotionDatabase({ ...(config.notion ?? notion), clock }),
  );
  const help = serviceHelp('NOTION_API_KEY', 'NOTION_BASE_URL', notion.baseUrl);
  return {
    describe: explained((...asked: Parameters<WorkspaceDatabase['describe']>) => database().describe(...asked), help),
    query: explained((...asked: Parameters<WorkspaceDatabase['query']>) => database().query(...asked), help),
    read: explained((...asked: Parameters<WorkspaceDatabase['read']>) => database().read(...asked), help),
  };
};

/** The database, which tells what it reads and what fails. */
const watched = (
  { describe, query, read }: WorkspaceDatabase,
  { onEntry, onFailure }: Pick<NotionReach, 'onEntry' | 'onFailure'>,
): WorkspaceDatabase => {
  const telling = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      onFailure?.(error);
      throw error;
    }
  };
  return {
    describe: (...asked) => telling(describe(...asked)),
    async query(...asked) {
      const page = await telling(query(...asked));
      for (const entry of page.entries) onEntry?.(entry);
      return page;
    },
    async read(...asked) {
      const page = await telling(read(...asked));
      onEntry?.(page);
      return page;
    },
  };
};
