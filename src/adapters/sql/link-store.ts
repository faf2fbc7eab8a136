import {
  type ChatId,
  joined,
  type Link,
  MAX_LINKS_PER_TENANT,
  type MessageId,
  provenanceFromText,
  provenanceToText,
  type UserId,
  type WordQuery,
  wordsOfLink,
} from '../../domain/index.ts';
import type { LinkStore } from '../../ports/index.ts';
import { provenanceIn } from './provenance-column.ts';
import { perDialect, type Query, type Sql } from './sql.ts';

interface LinkRow {
  readonly tenant: string;
  readonly key: string;
  readonly url: string;
  readonly note: string | null;
  readonly saved_by: string;
  readonly saved_by_name: string;
  readonly chat_id: string;
  readonly message_id: string | null;
  readonly saved_at: number;
  readonly provenance: string | null;
}

/** Resolves to no row for a link that is saved already. */
const INSERT = `INSERT INTO links (tenant, key, url, note, words, saved_by, saved_by_name, chat_id, message_id, saved_at, provenance)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (tenant, key) DO NOTHING RETURNING id`;
const PROVENANCE = 'SELECT provenance FROM links WHERE tenant = ? AND key = ?';
const ANNOTATE = 'UPDATE links SET note = ?, words = ?, provenance = ? WHERE tenant = ? AND key = ?';
const DETACH = 'UPDATE links SET message_id = NULL WHERE tenant = ? AND key = ?';
/** What is beyond the most that a tenant may have. */
const PRUNE = `DELETE FROM links WHERE tenant = ? AND id <= (SELECT id FROM links WHERE tenant = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`;
const REMOVE = 'DELETE FROM links WHERE tenant = ? AND key = ? RETURNING id';
const COUNT = 'SELECT count(*) AS count FROM links WHERE tenant = ?';
const erase = perDialect(
  ({ oneOf }) => `DELETE FROM links WHERE chat_id = ? AND ${oneOf('message_id', 'text')} AND NOT (${oneOf('key', 'text')})`,
);

/** Links, over the database itself or over one transaction. */
export const makeLinkStore = (sql: Sql): LinkStore => ({
  save: (links) =>
    sql.write(async ({ query }) => {
      let added = 0;
      for (const link of links) if (await saveOne(query, link)) added++;
      for (const tenant of new Set(links.map((link) => link.tenant))) await query(PRUNE, [tenant, tenant, MAX_LINKS_PER_TENANT]);
      return added;
    }),
  find: async ({ tenant, query = [], limit }) => {
    const patterns = query.map(patternOf);
    const conditions = ['tenant = ?', ...patterns.map(() => 'words LIKE ?')];
    const find = `SELECT * FROM links WHERE ${conditions.join(' AND ')} ORDER BY id DESC LIMIT ?`;
    return (await sql.read<LinkRow>(find, [tenant, ...patterns, limit])).map(fromRow);
  },
  count: async (tenant) => Number((await sql.read<{ count: number }>(COUNT, [tenant]))[0]?.count ?? 0),
  remove: (tenant, key) => sql.write(async ({ query }) => (await query(REMOVE, [tenant, key])).length > 0),
  erase: (chatId, messageIds, stillBrought = []) =>
    sql.write(async ({ query }) => {
      await query(erase(sql.dialect), [chatId, sql.dialect.json(messageIds), sql.dialect.json(stillBrought)]);
    }),
});

/** Whether it is new. */
const saveOne = async (query: Query, link: Link): Promise<boolean> => {
  const { tenant, key, url, note, savedBy, chatId, messageId, savedAt } = link;
  const words = storedWords(link);
  const from = provenanceToText(link.provenance);
  const row = [tenant, key, url, note ?? null, words, savedBy.id, savedBy.name, chatId, messageId ?? null, savedAt, from];
  if ((await query(INSERT, row)).length > 0) return true;
  if (note !== undefined) {
    // The address stays that of whoever saved it first, and others may have written in it.
    const [known] = await query<{ readonly provenance: string | null }>(PROVENANCE, [tenant, key]);
    const both = joined([provenanceFromText(known?.provenance ?? null), link.provenance]);
    await query(ANNOTATE, [note, words, provenanceToText(both), tenant, key]);
  }
  if (messageId === undefined) await query(DETACH, [tenant, key]);
  return false;
};

/** Each word stands between spaces, and holds letters and digits alone: none means more than itself to LIKE. */
export const storedWords = (link: Pick<Link, 'url' | 'note'>): string => ` ${wordsOfLink(link).join(' ')} `;
const patternOf = ({ words, isBeginning }: WordQuery[number]): string => `% ${words.join(' ')}${isBeginning ? '' : ' '}%`;

const fromRow = (row: LinkRow): Link => ({
  url: row.url,
  key: row.key,
  tenant: row.tenant,
  ...(row.note === null ? {} : { note: row.note }),
  savedBy: { id: row.saved_by as UserId, name: row.saved_by_name },
  chatId: row.chat_id as ChatId,
  ...(row.message_id === null ? {} : { messageId: row.message_id as MessageId }),
  savedAt: row.saved_at,
  ...provenanceIn(row),
});
