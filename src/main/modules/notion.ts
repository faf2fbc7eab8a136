import type { Container } from 'inversify';
import { makeNotionTools } from '../../adapters/tools/index.ts';
import { ownDatabase } from '../../domain/index.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** The workspaces' databases. The SDK is loaded where a key is set. */
export const bindNotion = (container: Container): void => {
  bind(container, T.workspaceDatabase, { config: T.config, clock: T.clock }, async ({ config: { notion }, clock }) => {
    if (!notion) return undefined;
    const { makeNotionDatabase } = await import('../../adapters/notion/index.ts');
    return makeNotionDatabase({ ...notion, clock });
  });
  bind(container, T.notionTools, { database: T.workspaceDatabase, policy: T.policy }, ({ database, policy }) =>
    database ? makeNotionTools({ database, databasesFor: ownDatabase(policy) }) : [],
  );
};
