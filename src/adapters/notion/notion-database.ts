import { extractNotionId, isFullDatabase, isFullPage, type PageObjectResponse, type QueryDataSourceParameters } from '@notionhq/client';
import { excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { isPortError, PortError, type PortErrorCode } from '../../ports/port-error.ts';
import type { DatabaseDescription, EntriesPage, EntriesQuery, EntriesSort, WorkspaceDatabase } from '../../ports/workspace-database.ts';
import { sourceOf } from './description.ts';
import { entryOf } from './entries.ts';
import { malformed } from './errors.ts';
import { makeAskNotion, type NotionOptions } from './notion-api.ts';
import { isWithin } from './page-home.ts';
import { makeRemembered } from './remembered.ts';
import { textOf } from './values.ts';

export type { NotionOptions };

/** A database may have many; a model that has to choose is told these. */
const MAX_SOURCES = 10;

/** What may come of a database that is remembered as it was. */
const OUTDATED: ReadonlySet<PortErrorCode> = new Set<PortErrorCode>(['invalid-request', 'not-found']);

interface Opened {
  readonly title: string;
  readonly sources: readonly SourceName[];
}

interface SourceName {
  readonly id: string;
  readonly name: string;
}

/** Reads databases of Notion through its official client (API version 2025-09-03, with data sources). */
export const makeNotionDatabase = (options: NotionOptions): WorkspaceDatabase => {
  const ask = makeAskNotion(options);

  const opened = makeRemembered<Opened>(options.clock);
  const described = makeRemembered<DatabaseDescription>(options.clock);
  const forget = (database: string): void => {
    opened.forget(database);
    described.forget(database);
  };

  const openNow = async (database: string, signal: AbortSignal): Promise<Opened> => {
    const found = await ask(
      ({ databases }) => databases.retrieve({ database_id: databaseId(database) }),
      (answer) => {
        if (!isFullDatabase(answer)) throw noDatabase(database);
        return {
          title: lineExcerpt(textOf(answer.title), 100),
          sources: answer.data_sources.map(({ id, name }) => ({ id, name: lineExcerpt(name, 100) })),
        };
      },
      signal,
    );
    opened.keep(database, found);
    return found;
  };

  const queryIn = (source: SourceName, query: EntriesQuery, signal: AbortSignal): Promise<EntriesPage> =>
    ask(
      ({ dataSources }) => dataSources.query(parametersOf(source.id, query)),
      ({ results, next_cursor: next, has_more: hasMore, request_status: status }): EntriesPage => ({
        source: source.name,
        entries: results.filter(isPage).slice(0, query.limit).map(entryOf),
        ...present({ nextCursor: hasMore && next !== null ? next : undefined }),
        incomplete: status?.type === 'incomplete',
      }),
      signal,
    );

  return {
    async describe(database, { signal }) {
      const known = described.get(database);
      if (known) return known;
      const { title, sources } = opened.get(database) ?? (await openNow(database, signal));
      const asked = sources.slice(0, MAX_SOURCES).map(({ id, name }) =>
        ask(
          ({ dataSources }) => dataSources.retrieve({ data_source_id: id }),
          (source) => sourceOf(name, source),
          signal,
        ),
      );
      const description = { title, sources: await Promise.all(asked) };
      described.keep(database, description);
      return description;
    },

    async query(database, query, { signal }) {
      const known = opened.get(database);
      try {
        return await queryIn(chosen((known ?? (await openNow(database, signal))).sources, query.source), query, signal);
      } catch (error) {
        if (!isPortError(error) || !OUTDATED.has(error.code)) throw error;
        // The database may have changed since: what is asked next sees it as it is now.
        forget(database);
        if (!known) throw error;
        const { sources } = await openNow(database, signal);
        if (JSON.stringify(sources) === JSON.stringify(known.sources)) throw error;
        return queryIn(chosen(sources, query.source), query, signal);
      }
    },

    async read(databases, page, { signal }) {
      const id = extractNotionId(page);
      if (id === null) {
        const words = `${JSON.stringify(excerpt(page, 100))} holds no id of a Notion page: give its address, or its id of 32 hexadecimal digits`;
        throw new PortError('invalid-request', words, { retryable: false });
      }
      const found = await ask(
        ({ pages }) => pages.retrieve({ page_id: id }),
        (answer) => (isFullPage(answer) && !answer.in_trash ? { entry: entryOf(answer), parent: answer.parent } : undefined),
        signal,
      ).catch((error: unknown) => {
        throw asNotFound(error, page);
      });
      if (!found || !(await isWithin(new Set(databases.map(databaseId)), found.parent, ask, signal))) throw notFound(page);
      const { markdown, truncated } = await ask(
        ({ pages }) => pages.retrieveMarkdown({ page_id: id }),
        (answer) => {
          if (typeof answer.markdown !== 'string') throw malformed(answer);
          return answer;
        },
        signal,
      );
      return { ...found.entry, markdown, truncated };
    },
  };
};

/** Notion's form of the id that the configuration has: with or without dashes, or in an address. */
const databaseId = (configured: string): string => {
  const id = extractNotionId(configured);
  if (id !== null) return id;
  throw new PortError('invalid-request', 'the database_id of this workspace is no id of a Notion database: it has 32 hexadecimal digits', {
    retryable: false,
  });
};

const noDatabase = (database: string): PortError =>
  new PortError('not-found', `there is no Notion database ${excerpt(database, 60)} that may be read`, { retryable: false });

/** The same words whether it does not exist or belongs to somebody else: nobody learns which. */
const notFound = (page: string): PortError =>
  new PortError('not-found', `there is no page ${excerpt(page, 200)} in the Notion database of this workspace`, { retryable: false });

const asNotFound = (error: unknown, page: string): unknown =>
  isPortError(error) && (error.code === 'not-found' || error.code === 'invalid-request') ? notFound(page) : error;

/** The data source by its name, case aside, or by its id; the only one where none is named. */
const chosen = (sources: readonly SourceName[], named: string | undefined): SourceName => {
  const [first, ...others] = sources;
  const wanted = named?.trim().toLowerCase();
  const found =
    wanted === undefined
      ? others.length === 0
        ? first
        : undefined
      : sources.find(({ id, name }) => name.toLowerCase() === wanted || id === wanted);
  if (found) return found;
  const names = sources.slice(0, MAX_SOURCES).map(({ name }) => name);
  const which =
    wanted === undefined ? 'this database has more than one data source' : `there is no data source ${excerpt(named ?? '', 100)}`;
  const words = names.length === 0 ? 'this database has no data source' : `${which}: name one of ${names.join(', ')}`;
  throw new PortError('invalid-request', words, { retryable: false });
};

const isPage = (result: { readonly object: string }): result is PageObjectResponse => result.object === 'page' && 'properties' in result;

/** A filter is in Notion's own form, and Notion checks it. */
const parametersOf = (id: string, { filter, sorts, limit, cursor }: EntriesQuery): QueryDataSourceParameters =>
  present({
    data_source_id: id,
    page_size: limit,
    start_cursor: cursor,
    filter: filter as QueryDataSourceParameters['filter'],
    sorts: sorts?.map(sortOf),
  }) as QueryDataSourceParameters;

const sortOf = ({ property, direction }: EntriesSort): NonNullable<QueryDataSourceParameters['sorts']>[number] =>
  property === 'created_time' || property === 'last_edited_time' ? { timestamp: property, direction } : { property, direction };
