import type { ChatId, MessageId, UserId } from '../../domain/index.ts';
import { isLocalChat } from '../../domain/index.ts';
import type { Echo } from '../../domain/recall/echo.ts';
import type { Query, SqlValue } from './sql.ts';

/** So many rows are in memory at a time. */
const PAGE = 500;

/** Rows of a table in the order of a key, a page at a time. */
export async function* rowsOf<Row extends object>(
  query: Query,
  { from, key, first, where = 'true', params = [] }: RowsQuery,
): AsyncGenerator<Row & { readonly page_key: string | number }> {
  let last: string | number = first;
  for (;;) {
    const select = `SELECT ${from.columns}, ${key} AS page_key FROM ${from.table} WHERE ${where} AND ${key} > ? ORDER BY ${key} LIMIT ${PAGE}`;
    const rows: readonly (Row & { readonly page_key: string | number })[] = await query(select, [...params, last]);
    yield* rows;
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    last = end.page_key;
  }
}

interface RowsQuery {
  readonly from: { readonly table: string; readonly columns: string };
  /** Unique. */
  readonly key: string;
  /** Comes before every key. */
  readonly first: string | number;
  readonly where?: string;
  readonly params?: readonly SqlValue[];
}

/** Before every number, and before every text. */
export const NUMBERS = -1;
export const TEXTS = '';

/**
 * The condition that a column holds the JSON of that person. The id comes first in it; the JSON of older versions has a
 * blank behind the colon.
 */
export const isOfPerson = (column: string, person: UserId): { readonly where: string; readonly params: readonly SqlValue[] } => {
  const beginnings = [`{"id":${JSON.stringify(person)}`, `{"id": ${JSON.stringify(person)}`];
  const matches = beginnings.map((beginning) => `substr(${column}, 1, ${[...beginning].length}) = ?`);
  return { where: `(${matches.join(' OR ')})`, params: beginnings };
};

export interface TheirMessage {
  readonly chat_id: ChatId;
  readonly message_id: MessageId;
  readonly chat_kind: string;
  readonly turn_id: string | null;
  readonly sender: string;
  readonly text: string;
  readonly replied: string | null;
  readonly parts: string | null;
  readonly files: string | null;
  readonly attachments: string | null;
}

const MESSAGE = 'chat_id, message_id, chat_kind, turn_id, sender, text, replied, parts, files, attachments';

export const messagesOf = (query: Query, person: UserId): AsyncGenerator<TheirMessage> =>
  rowsOf<TheirMessage>(query, {
    from: { table: 'messages', columns: MESSAGE },
    key: 'sequence',
    first: NUMBERS,
    ...isOfPerson('sender', person),
  });

/** What is bound to a person by ids. */
export interface PersonalScope {
  readonly person: UserId;
  /** Of their messages, by chat. */
  readonly messages: ReadonlyMap<string, ReadonlySet<string>>;
  /** Chats of this person and the agent alone: all of them is theirs. */
  readonly direct: ReadonlySet<string>;
  /** Turns that answered their messages. */
  readonly turns: ReadonlySet<string>;
  readonly promises: ReadonlySet<number>;
}

export const scopeOfPerson = async (query: Query, person: UserId): Promise<PersonalScope> => {
  const messages = new Map<string, Set<string>>();
  // Telegram's chat with a person has the id of the person, also where they never wrote.
  const direct = new Set<string>(isLocalChat(person as string as ChatId) ? [] : [person]);
  const turns = new Set<string>();
  for await (const { chat_id, message_id, chat_kind, turn_id } of messagesOf(query, person)) {
    const known = messages.get(chat_id) ?? new Set();
    messages.set(chat_id, known.add(message_id));
    if (chat_kind === 'direct') direct.add(chat_id);
    if (turn_id !== null) turns.add(turn_id);
  }
  const promises = new Set<number>();
  const ofPerson = { key: 'id', first: NUMBERS, ...isOfPerson('requested_by', person) };
  const asked = { table: 'promises', columns: 'id, chat_id, chat_kind' };
  for await (const { id, chat_id, chat_kind } of rowsOf<{ id: number; chat_id: string; chat_kind: string }>(query, {
    ...ofPerson,
    from: asked,
  })) {
    promises.add(Number(id));
    if (chat_kind === 'direct') direct.add(chat_id);
  }
  for await (const { chat_id, chat_kind } of rowsOf<{ chat_id: string; chat_kind: string }>(query, {
    ...ofPerson,
    from: { table: 'schedules', columns: 'chat_id, chat_kind' },
  }))
    if (chat_kind === 'direct') direct.add(chat_id);
  for (const chat of direct)
    for (const { id } of await query<{ id: number }>('SELECT id FROM promises WHERE chat_id = ?', [chat])) promises.add(Number(id));
  return { person, messages, direct, turns, promises };
};

export const isTheirMessage = ({ messages, direct }: PersonalScope, chat: string, message: string | null | undefined): boolean =>
  direct.has(chat) || (message !== null && message !== undefined && messages.get(chat)?.has(message) === true);

export const isTheirPromise = ({ promises }: PersonalScope, promise: number | null): boolean =>
  promise !== null && promises.has(Number(promise));

export type Heard = Pick<Echo, 'isIn'>;

export const textsOf = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join('\n');

/** Rows that hold a person's words, by their keys: those that are bound to them by ids, and those that repeat them. */
export interface FoundRows {
  /** Entries of conversations that go, and those of which only the quote goes; and their chats. */
  readonly entries: readonly number[];
  readonly quotingEntries: readonly number[];
  readonly chats: ReadonlySet<string>;
  readonly quotingMessages: readonly number[];
  readonly outbox: readonly number[];
  readonly webhookEvents: readonly number[];
  readonly requestKeys: readonly string[];
  readonly localMessages: readonly number[];
  readonly runs: readonly string[];
  readonly approvals: readonly number[];
  readonly schedules: readonly number[];
  readonly facts: readonly number[];
  readonly links: readonly number[];
  /** Promises of others with a result, an error or progress that repeats the person's words. */
  readonly results: readonly number[];
  /** Promises and schedules of others whose description repeats them: the row stays, its description goes. */
  readonly tasks: readonly number[];
  readonly scheduledTasks: readonly number[];
  /** Links of others whose note alone repeats them, with their addresses. */
  readonly notes: readonly (readonly [id: number, url: string])[];
  readonly keyValues: readonly (readonly [owner: string, key: string])[];
  /** Of others: they are still worked on, and repeat the person's words. */
  readonly underWay: number;
}
