import { isFullBlock, isFullDatabase, isFullDataSource, isFullPage, type PageObjectResponse } from '@notionhq/client';
import { isPortError } from '../../ports/port-error.ts';
import type { AskNotion } from './notion-api.ts';

type Parent = PageObjectResponse['parent'];

/** Pages within pages within an entry: deeper ones are not reached. */
const MAX_STEPS = 12;

/**
 * Whether a page is an entry of one of these databases, or stands somewhere below one. Goes up from parent to parent; a
 * parent that nobody may see ends it.
 */
export const isWithin = async (databases: ReadonlySet<string>, parent: Parent, ask: AskNotion, signal: AbortSignal): Promise<boolean> => {
  let above: Parent | undefined = parent;
  for (let step = 0; step < MAX_STEPS; step++) {
    const database = databaseIn(above);
    if (database !== undefined && databases.has(database)) return true;
    try {
      above = await parentOf(above, ask, signal);
    } catch (error) {
      if (isPortError(error) && error.code === 'not-found') return false;
      throw error;
    }
    if (above === undefined) return false;
  }
  return false;
};

const databaseIn = (parent: Parent): string | undefined =>
  parent.type === 'database_id' || parent.type === 'data_source_id' ? parent.database_id : undefined;

/** Where the parent itself stands; undefined at the top. */
const parentOf = async (parent: Parent, ask: AskNotion, signal: AbortSignal): Promise<Parent | undefined> => {
  switch (parent.type) {
    case 'page_id':
      return ask(
        ({ pages }) => pages.retrieve({ page_id: parent.page_id }),
        (page) => (isFullPage(page) ? page.parent : undefined),
        signal,
      );
    case 'block_id':
      return ask(
        ({ blocks }) => blocks.retrieve({ block_id: parent.block_id }),
        (block) => (isFullBlock(block) ? block.parent : undefined),
        signal,
      );
    case 'database_id':
      return ask(
        ({ databases }) => databases.retrieve({ database_id: parent.database_id }),
        (database) => (isFullDatabase(database) ? database.parent : undefined),
        signal,
      );
    case 'data_source_id':
      return ask(
        ({ dataSources }) => dataSources.retrieve({ data_source_id: parent.data_source_id }),
        (source) => (isFullDataSource(source) ? source.database_parent : undefined),
        signal,
      );
    default:
      return undefined;
  }
};
