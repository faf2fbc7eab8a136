import { excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { DatabaseDescription, DatabaseEntry, EntriesPage } from '../../ports/workspace-database.ts';
import { MAX_OUTPUT_LENGTH } from './bounded-text.ts';

const MAX_TITLE = 300;
/** Room for the notes on what is left out, and for the beginning of a very long description. */
const MAX_LENGTH = MAX_OUTPUT_LENGTH - 500;
const MAX_HEAD = 8_000;
const UNTITLED = '(no title)';

/** The properties of a database, with their types and options, in lines. */
export const descriptionLines = (workspace: string, { title, sources }: DatabaseDescription): readonly string[] => [
  `Workspace ${workspace}, database ${title || UNTITLED}`,
  ...sources.flatMap(({ name, properties }) => [
    `Data source ${name}:`,
    ...properties.map(({ name: property, type, options }) => `- ${property} (${type})${options ? `: ${options.join(', ')}` : ''}`),
  ]),
];

/**
 * A page of entries. Each value stands in a line of its own, which nothing in an entry can add to. Entries that do not
 * fit are left out as a whole, and it is said how to see them.
 */
export const entriesInWords = (head: readonly string[], { source, entries, nextCursor, incomplete }: EntriesPage): string => {
  const beginning = head.join('\n').slice(0, MAX_HEAD);
  let length = beginning.length;
  const shown: string[] = [];
  for (const entry of entries) {
    // One entry alone is cut, so that there is something to see.
    const words = excerpt(`${shown.length + 1}. ${entryLines(entry).join('\n   ')}`, MAX_LENGTH - beginning.length - 1);
    length += words.length + 1;
    if (length > MAX_LENGTH) break;
    shown.push(words);
  }
  const isCut = shown.length < entries.length;
  const several = entries.length === 1 ? '1 entry' : `${entries.length === 0 ? 'No' : entries.length} entries`;
  return [
    ...(beginning === '' ? [] : [beginning]),
    `${several} of ${source}${entries.length === 0 ? ' fit' : ''}${entries.length === 0 ? '.' : ':'}`,
    ...shown,
    ...(isCut
      ? [
          `[cut here: ${entries.length - shown.length} of these ${entries.length} are not shown; ask again with page_size ${Math.max(1, shown.length)}]`,
        ]
      : []),
    ...(nextCursor !== undefined && !isCut ? [`[there are more: call again with cursor ${JSON.stringify(nextCursor)}]`] : []),
    ...(incomplete ? ['[Notion lists no more than 10,000 entries: filter by more to see the others]'] : []),
  ].join('\n');
};

/** The title, status and link of a page, above its text. */
export const pageHead = (entry: DatabaseEntry): readonly string[] => entryLines(entry);

const entryLines = ({ title, status, url, properties }: DatabaseEntry): readonly string[] => [
  lineExcerpt(title, MAX_TITLE) || UNTITLED,
  ...(status === undefined ? [] : [`Status: ${status}`]),
  url,
  ...properties.map(({ name, value }) => `${name}: ${value}`),
];
