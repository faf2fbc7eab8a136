import { orderOf, testOf } from './filters.ts';
import { failedValidation, invalid, NotionProblem, notFound } from './problem.ts';
import { type Database, type Page, type PropertyConfig, richText, type Source, type World } from './world.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** The real one answers at most so many entries of one query, over all its pages. */
const RESULT_LIMIT = 10_000;
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const AT = '2026-11-30T08:00:00.000Z';
const PERSON = { object: 'user', id: '7e0f0f0e-0000-4000-8000-000000000001' };

/** What the API answers; throws a NotionProblem where it refuses. */
export const answerOf = (world: World, call: Call): unknown => {
  const [, version, kind, id = '', part, ...rest] = call.path.split('/');
  const route = `${call.method} ${kind}${part === undefined ? '' : `/${part}`}`;
  if (version !== 'v1' || rest.length > 0) throw new NotionProblem(400, 'invalid_request_url', 'Invalid request URL.');
  if (call.method === 'POST' && kind === 'search' && id === '') return searchView(world, call.body);
  if (!UUID.test(id)) throw invalid(`path failed validation: path.id should be a valid uuid, instead was \`"${id}"\`.`);
  const key = dashed(id);
  switch (route) {
    case 'GET databases':
      return databaseView(world, shared(world.databases.get(key), 'database', key));
    case 'GET data_sources':
      return sourceView(world, sourceOf(world, key));
    case 'POST data_sources/query':
      return queryView(world, sourceOf(world, key), call.body);
    case 'GET pages':
      return pageView(shared(world.pages.get(key), 'page', key));
    case 'GET pages/markdown': {
      const { markdown, isTruncated } = shared(world.pages.get(key), 'page', key);
      return { object: 'page_markdown', id: key, markdown, truncated: isTruncated, unknown_block_ids: [] };
    }
    case 'GET blocks': {
      const block = world.blocks.get(key);
      if (!block) throw notFound('block', key);
      return { object: 'block', ...block, ...times(), type: 'toggle', toggle: { rich_text: [] }, has_children: true, in_trash: false };
    }
    default:
      throw new NotionProblem(400, 'invalid_request_url', 'Invalid request URL.');
  }
};

const dashed = (id: string): string =>
  id
    .toLowerCase()
    .replaceAll('-', '')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');

/** What is not shared with the integration does not exist for it. */
const shared = <T extends { readonly isShared: boolean }>(found: T | undefined, what: string, id: string): T => {
  if (!found?.isShared) throw notFound(what, id);
  return found;
};

const sourceOf = (world: World, id: string): Source => {
  const source = world.sources.get(id);
  if (!source || !world.databases.get(source.database)?.isShared) throw notFound('data_source', id);
  return source;
};

const times = () => ({ created_time: AT, last_edited_time: AT, created_by: PERSON, last_edited_by: PERSON });

const databaseView = ({ sources }: World, { id, title, parent, sources: own }: Database) => ({
  object: 'database',
  id,
  title: [richText(title)],
  description: [],
  parent,
  is_inline: false,
  in_trash: false,
  is_locked: false,
  ...times(),
  data_sources: own.map((source) => ({ id: source, name: sources.get(source)?.name })),
  icon: null,
  cover: null,
  url: `https://www.notion.so/${id.replaceAll('-', '')}`,
  public_url: null,
});

const sourceView = ({ databases }: World, { id, name, database, properties }: Source) => ({
  object: 'data_source',
  id,
  title: [richText(name)],
  description: [],
  parent: { type: 'database_id', database_id: database },
  database_parent: databases.get(database)?.parent,
  is_inline: false,
  in_trash: false,
  archived: false,
  ...times(),
  properties: Object.fromEntries(Object.entries(properties).map(([property, config]) => [property, configView(property, config)])),
  icon: null,
  cover: null,
  url: `https://www.notion.so/${database.replaceAll('-', '')}`,
  public_url: null,
});

const configView = (name: string, config: PropertyConfig) => ({
  id: name.toLowerCase(),
  name,
  description: null,
  type: config.type,
  [config.type]:
    'options' in config
      ? { options: config.options.map((each) => ({ id: each, name: each, color: 'default', description: null })), groups: [] }
      : {},
});

const pageView = ({ id, parent, url, properties, isInTrash }: Page) => ({
  object: 'page',
  id,
  ...times(),
  in_trash: isInTrash,
  archived: isInTrash,
  is_archived: false,
  is_locked: false,
  url,
  public_url: null,
  parent,
  properties,
  icon: null,
  cover: null,
});

const QUERY_KEYS = ['filter', 'sorts', 'start_cursor', 'page_size', 'in_trash', 'archived', 'result_type'];

const queryView = ({ pages }: World, source: Source, body: unknown) => {
  const given = (body ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !QUERY_KEYS.includes(key));
  if (unknown !== undefined) throw failedValidation(`body.${unknown}`, 'not present', given[unknown]);
  const { filter, sorts, start_cursor: cursor, page_size: size = 100 } = given;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1) throw failedValidation('body.page_size', 'a positive integer', size);
  if (size > 100) throw failedValidation('body.page_size', '≤ `100`', size);
  const fits = filter === undefined ? () => true : testOf(filter, source);
  const order = orderOf(sorts, source);
  const found = [...pages.values()].filter(
    (page) => page.parent.type === 'data_source_id' && page.parent.data_source_id === source.id && !page.isInTrash && fits(page),
  );
  const entries = order ? found.toSorted(order) : found;
  const start = startOf(cursor, entries);
  const end = Math.min(start + size, RESULT_LIMIT, entries.length);
  const hasMore = end < Math.min(entries.length, RESULT_LIMIT);
  return {
    object: 'list',
    type: 'page_or_data_source',
    page_or_data_source: {},
    results: entries.slice(start, end).map(pageView),
    has_more: hasMore,
    next_cursor: hasMore ? entries[end]?.id : null,
    ...(!hasMore && entries.length > RESULT_LIMIT
      ? { request_status: { type: 'incomplete', incomplete_reason: 'query_result_limit_reached' } }
      : {}),
  };
};

const SEARCH_KEYS = ['query', 'filter', 'sort', 'start_cursor', 'page_size'];

/** https://developers.notion.com/reference/post-search: here it knows data sources alone, and has one page. */
const searchView = (world: World, body: unknown) => {
  const given = (body ?? {}) as Readonly<Record<string, unknown>>;
  const unknown = Object.keys(given).find((key) => !SEARCH_KEYS.includes(key));
  if (unknown !== undefined) throw failedValidation(`body.${unknown}`, 'not present', given[unknown]);
  const { filter, page_size: size = 100 } = given;
  if (typeof size !== 'number' || !Number.isInteger(size) || size < 1 || size > 100)
    throw failedValidation('body.page_size', '≤ `100`', size);
  const { property, value } = (filter ?? {}) as { readonly property?: unknown; readonly value?: unknown };
  if (property !== 'object') throw failedValidation('body.filter.property', '`"object"`', property);
  // `database` was a value before API version 2025-09-03.
  if (value !== 'data_source') throw failedValidation('body.filter.value', '`"page"` or `"data_source"`', value);
  const found = [...world.sources.values()].filter(({ database }) => world.databases.get(database)?.isShared);
  return {
    object: 'list',
    type: 'page_or_data_source',
    page_or_data_source: {},
    results: found.slice(0, size).map((source) => sourceView(world, source)),
    has_more: false,
    next_cursor: null,
  };
};

/** A cursor is the id of the entry that comes next. */
const startOf = (cursor: unknown, entries: readonly Page[]): number => {
  if (cursor === undefined) return 0;
  const at = entries.findIndex(({ id }) => id === cursor);
  if (at < 0) throw invalid('The start_cursor provided is invalid.');
  return at;
};
