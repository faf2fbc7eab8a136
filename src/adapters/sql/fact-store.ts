import { type ChatId, type Fact, type FactId, type MessageId, provenanceToText, roomOf, type UserId } from '../../domain/index.ts';
import type { FactStore } from '../../ports/index.ts';
import { provenanceIn } from './provenance-column.ts';
import { perDialect, type Sql, type Transaction } from './sql.ts';

interface FactRow {
  readonly id: number;
  readonly text: string;
  readonly workspace: string | null;
  readonly said_by: string;
  readonly said_by_name: string;
  readonly chat_id: string;
  readonly message_id: string | null;
  readonly said_at: number;
  readonly provenance: string | null;
}

interface Counted {
  readonly count: number;
}

const INSERT = `INSERT INTO facts (id, text, workspace, said_by, said_by_name, chat_id, room, message_id, said_at, provenance)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;
const FIND = `SELECT * FROM facts WHERE workspace = ? OR (workspace IS NULL AND said_by = ? AND room = coalesce(?, room))
  ORDER BY id DESC LIMIT ?`;
const COUNT = 'SELECT count(*) AS count FROM facts WHERE workspace = ?';
const COUNT_OF_PERSON = 'SELECT count(*) AS count FROM facts WHERE said_by = ? AND workspace IS NULL';
const forget = perDialect(({ oneOf }) => `DELETE FROM facts WHERE ${oneOf('id', 'integer')} RETURNING id`);

/** Facts, over the database itself or over one transaction. */
export const makeFactStore = <T extends Transaction>(sql: Sql<T>): FactStore => ({
  reserveIds: async (count) => (await sql.dialect.reserve(sql, 'fact', count)) as readonly FactId[],
  add: (facts) =>
    sql.write(async ({ query }) => {
      for (const { id, text, workspace, saidBy, chatId, messageId, saidAt, provenance } of facts) {
        const said = [id, text, workspace ?? null, saidBy.id, saidBy.name, chatId, roomOf(chatId), messageId ?? null, saidAt];
        await query(INSERT, [...said, provenanceToText(provenance)]);
      }
    }),
  find: async ({ workspace, personId, room }, limit) =>
    (await sql.read<FactRow>(FIND, [workspace ?? null, personId, room ?? null, limit])).map(fromRow),
  count: async (owner) => {
    const rows = 'workspace' in owner ? sql.read<Counted>(COUNT, [owner.workspace]) : sql.read<Counted>(COUNT_OF_PERSON, [owner.personId]);
    return Number((await rows)[0]?.count ?? 0);
  },
  forget: (ids) => sql.write(async ({ query }) => (await query(forget(sql.dialect), [sql.dialect.json(ids)])).length),
});

const fromRow = (row: FactRow): Fact => ({
  id: row.id as FactId,
  text: row.text,
  ...(row.workspace === null ? {} : { workspace: row.workspace }),
  saidBy: { id: row.said_by as UserId, name: row.said_by_name },
  chatId: row.chat_id as ChatId,
  ...(row.message_id === null ? {} : { messageId: row.message_id as MessageId }),
  saidAt: row.said_at,
  ...provenanceIn(row),
});
