import type { Container } from 'inversify';
import { makeNotionTools } from '../../adapters/tools/index.ts';
import type { Config } from '../../config/index.ts';
import { ownDatabase } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock, WorkspaceDatabase } from '../../ports/index.ts';
import { bind } from '../bind.ts';
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
export const openWorkspaceDatabase = async ({ notion }: Pick<Config, 'notion'>, clock: Clock): Promise<WorkspaceDatabase | undefined> => {
  if (!notion) return undefined;
  const { makeNotionDatabase } = await import('../../adapters/notion/index.ts');
  const { describe, query, read } = makeNotionDatabase({ ...notion, clock });
  const help = serviceHelp('NOTION_API_KEY', 'NOTION_BASE_URL', notion.baseUrl);
  return { describe: explained(describe, help), query: explained(query, help), read: explained(read, help) };
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
