import { isFullDataSource } from '@notionhq/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { malformed } from './errors.ts';
import { makeAskNotion, type NotionOptions } from './notion-api.ts';
import { textOf } from './values.ts';

/** A database that the integration was given access to. */
export interface SharedDatabase {
  readonly id: string;
  /** The names of its data sources. */
  readonly sources: readonly string[];
}

/** More than a person can choose from. */
const MAX_SOURCES = 100;

/**
 * The databases whose data sources a search finds (https://developers.notion.com/reference/post-search). One that was
 * shared a moment ago may be missing. Rejects with PortError.
 */
export const listDatabases = async (options: NotionOptions, signal: AbortSignal): Promise<readonly SharedDatabase[]> => {
  const ask = makeAskNotion(options);
  const found = await ask(
    (client) => client.search({ filter: { property: 'object', value: 'data_source' }, page_size: MAX_SOURCES }),
    ({ results }) => {
      if (!Array.isArray(results)) throw malformed(results);
      return results.flatMap((result) =>
        isFullDataSource(result) && result.parent.type === 'database_id'
          ? [{ id: result.parent.database_id, name: lineExcerpt(textOf(result.title), 100) }]
          : [],
      );
    },
    signal,
  );
  return [...Map.groupBy(found, ({ id }) => id)].map(([id, sources]) => ({ id, sources: sources.map(({ name }) => name) }));
};
