import type { ExportedRecord, PersonalData } from '../../ports/index.ts';
import { isOfPerson, NUMBERS, rowsOf, scopeOfPerson } from './personal-scope.ts';
import type { Query, SqlValue } from './sql.ts';

type Condition = { readonly where: string; readonly params: readonly SqlValue[] };
type Subject = Parameters<PersonalData['records']>[0];

/** Columns that hold JSON, and those that hold a time in ms. */
const JSON_COLUMNS = new Set([
  'sender',
  'access',
  'response',
  'replied',
  'parts',
  'attachments',
  'files',
  'answers',
  'metadata',
  'requested_by',
  'retry',
  'provenance',
  'input',
  'labels',
  'buttons',
  'fact',
]);
const TIME = /_at$|_before$/;
/** What only Kept itself has a use for, and what lets somebody in. */
const INTERNAL = new Set([
  'page_key',
  'sequence',
  'token',
  'delivery_key',
  'dedupe_key',
  'reply_key',
  'words',
  'room',
  'key',
  'lease_worker',
  'lease_expires_at',
  'code',
]);

interface Source {
  readonly kind: string;
  readonly table: string;
  readonly key: string;
  readonly condition: (subject: Subject) => Condition | undefined;
}

const ofChat = (subject: Subject): Condition | undefined =>
  'chatId' in subject ? { where: 'chat_id = ?', params: [subject.chatId] } : undefined;
const by =
  (column: string, isJson: boolean) =>
  (subject: Subject): Condition =>
    'chatId' in subject
      ? { where: 'chat_id = ?', params: [subject.chatId] }
      : isJson
        ? isOfPerson(column, subject.person)
        : { where: `${column} = ?`, params: [subject.person] };

const SOURCES: readonly Source[] = [
  { kind: 'message', table: 'messages', key: 'sequence', condition: by('sender', true) },
  { kind: 'promise', table: 'promises', key: 'id', condition: by('requested_by', true) },
  { kind: 'schedule', table: 'schedules', key: 'id', condition: by('requested_by', true) },
  { kind: 'approval', table: 'approvals', key: 'id', condition: by('requested_by', true) },
  { kind: 'fact', table: 'facts', key: 'id', condition: by('said_by', false) },
  { kind: 'link', table: 'links', key: 'id', condition: by('saved_by', false) },
  { kind: 'reply', table: 'outbox', key: 'id', condition: ofChat },
  { kind: 'webhook-event', table: 'webhook_events', key: 'id', condition: ofChat },
];

/** Every record of a person or a chat, kind after kind; of a person, the replies to their messages too. */
export async function* recordsOf(query: Query, subject: Subject): AsyncGenerator<ExportedRecord> {
  for (const { kind, table, key, condition } of SOURCES) {
    const asked = condition(subject);
    if (!asked) continue;
    for await (const row of rowsOf<Record<string, unknown>>(query, {
      from: { table, columns: `${table}.*` },
      key,
      first: NUMBERS,
      ...asked,
    }))
      yield recordOf(kind, row);
  }
  if ('chatId' in subject) {
    for (const row of await query<Record<string, unknown>>('SELECT * FROM conversation_summaries WHERE chat_id = ?', [subject.chatId]))
      yield recordOf('summary', row);
    return;
  }
  const scope = await scopeOfPerson(query, subject.person);
  for await (const row of rowsOf<Record<string, unknown>>(query, {
    from: { table: 'outbox', columns: 'outbox.*' },
    key: 'id',
    first: NUMBERS,
  })) {
    const chat = String(row.chat_id);
    const answers = JSON.parse(String(row.answers)) as readonly string[];
    const isTheirs =
      scope.direct.has(chat) || answers.some((id) => scope.messages.get(chat)?.has(id)) || scope.promises.has(Number(row.promise_id ?? 0));
    if (isTheirs) yield recordOf('reply', row);
  }
  const events = { table: 'webhook_events', columns: 'webhook_events.*' };
  for await (const row of rowsOf<Record<string, unknown>>(query, { from: events, key: 'id', first: NUMBERS }))
    if (scope.direct.has(String(row.chat_id)) || scope.promises.has(Number(row.promise_id ?? 0))) yield recordOf('webhook-event', row);
}

const recordOf = (kind: string, row: Readonly<Record<string, unknown>>): ExportedRecord => ({
  kind,
  ...Object.fromEntries(
    Object.entries(row)
      .filter(([name, value]) => value !== null && !INTERNAL.has(name))
      .map(([name, value]) => [camel(name), readable(name, value)]),
  ),
});

const camel = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

const readable = (name: string, value: unknown): unknown => {
  if (typeof value === 'string' && JSON_COLUMNS.has(name)) return JSON.parse(value);
  if (TIME.test(name) && (typeof value === 'number' || typeof value === 'bigint')) return new Date(Number(value)).toISOString();
  return value;
};
