import type { ChatId, ConversationStep, MessageId, PromiseId, ScheduleId, UserId } from '../../domain/index.ts';
import { present, stepFields } from '../../domain/index.ts';
import { type Echo, makeEcho } from '../../domain/recall/echo.ts';
import type { PersonalCounts, PersonalData, PersonalFiles, PersonalSurvey } from '../../ports/index.ts';
import { storedWords } from './link-store.ts';
import { recordsOf } from './personal-records.ts';
import { fateOf, findRows, withoutQuote } from './personal-scan.ts';
import {
  type FoundRows,
  isOfPerson,
  messagesOf,
  NUMBERS,
  type PersonalScope,
  rowsOf,
  scopeOfPerson,
  type TheirMessage,
} from './personal-scope.ts';
import { type Dialect, perDialect, type Query, type Sql, type Transaction } from './sql.ts';
import { DROP_SUMMARY, lockSummary } from './summary-store.ts';

/** Parameters of a statement grow with the rows that it names. */
const CHUNK = 1_000;

/** What stands where a description stood. No echo: a shorter text than any that counts. */
const FORGOTTEN = '(forgotten)';

const statementsIn = perDialect(({ oneOf }) => ({
  entriesOf: `SELECT id, chat_id, turn_id, step FROM conversation WHERE ${oneOf('id', 'integer')}`,
  removeEntries: `DELETE FROM conversation WHERE ${oneOf('id', 'integer')}`,
  clearQuotes: `UPDATE messages SET replied = NULL WHERE ${oneOf('sequence', 'integer')}`,
  removeItems: `DELETE FROM outbox WHERE ${oneOf('id', 'integer')}`,
  removeRequestKeys: `DELETE FROM request_keys WHERE ${oneOf('key', 'text')}`,
  removeWebhookEvents: `DELETE FROM webhook_events WHERE ${oneOf('id', 'integer')}`,
  removeLocal: `DELETE FROM local_messages WHERE ${oneOf('position', 'integer')}`,
  removeSteps: `DELETE FROM run_steps WHERE ${oneOf('run_id', 'text')}`,
  removeRuns: `DELETE FROM runs WHERE ${oneOf('id', 'text')}`,
  removeApprovals: `DELETE FROM approvals WHERE ${oneOf('id', 'integer')}`,
  removeSchedules: `DELETE FROM schedules WHERE ${oneOf('id', 'integer')}`,
  removeFacts: `DELETE FROM facts WHERE ${oneOf('id', 'integer')}`,
  removeLinks: `DELETE FROM links WHERE ${oneOf('id', 'integer')}`,
  removePromises: `DELETE FROM promises WHERE ${oneOf('id', 'integer')}`,
  clearResults: `UPDATE promises SET result_summary = CASE WHEN result_summary IS NULL THEN NULL ELSE '' END,
    error_message = CASE WHEN error_message IS NULL THEN NULL ELSE '' END, last_error = NULL, progress = NULL, progress_at = NULL
    WHERE ${oneOf('id', 'integer')}`,
  clearTasks: `UPDATE promises SET task_description = '${FORGOTTEN}', metadata = '{}' WHERE ${oneOf('id', 'integer')}`,
  clearScheduledTasks: `UPDATE schedules SET task_description = '${FORGOTTEN}' WHERE ${oneOf('id', 'integer')}`,
}));

const CLEARED = `text = '', chat_title = CASE WHEN chat_kind = 'direct' THEN NULL ELSE chat_title END, failure = CASE WHEN failure IS NULL THEN NULL ELSE '' END,
  replied = NULL, parts = NULL, attachments = NULL, files = NULL, verdict = coalesce(verdict, 'ignored'), deleted_at = coalesce(deleted_at, ?)`;
const CLEAR_MESSAGE = `UPDATE messages SET sender = ?, ${CLEARED} WHERE chat_id = ? AND message_id = ?`;
const CLEAR_CHAT = `UPDATE messages SET ${CLEARED} WHERE chat_id = ? AND (text <> '' OR chat_title IS NOT NULL)`;
const REMOVE_PARTS = 'DELETE FROM message_parts WHERE chat_id = ? AND message_id = ?';
const CLEAR_PAIRING = 'UPDATE pairings SET username = NULL, display_name = NULL WHERE user_id = ?';
const CLEAR_NOTE = 'UPDATE links SET note = NULL, words = ? WHERE id = ?';
const REMOVE_KEY = 'DELETE FROM key_values WHERE owner = ? AND key = ?';

/** The sender of a message, as it is left: who it was, without a name. */
const clearedSender = ({ sender }: TheirMessage): string => {
  const { id, kind } = JSON.parse(sender) as { readonly id: string; readonly kind: string };
  return JSON.stringify({ id, kind });
};
const isCleared = (message: TheirMessage): boolean =>
  message.text === '' &&
  message.sender === clearedSender(message) &&
  [message.replied, message.parts, message.files, message.attachments].every((each) => each === null);

/** What one database keeps of one person. `scrub` is the engine's own, and `prepare` what it does before rows go. */
export const makePersonalData = <T extends Transaction>(
  sql: Sql<T>,
  { scrub, prepare }: Pick<PersonalData, 'scrub'> & { readonly prepare?: () => Promise<void> },
): PersonalData => {
  const { dialect, read } = sql;
  return {
    survey: async (person, echo) => {
      const scope = await scopeOfPerson(read, person);
      const found = await findRows(read, scope, echo);
      return surveyOf(read, scope, found);
    },
    echoOf: (person) => echoOf(read, person),
    silence: (promises) => sql.write(({ query }) => over(query, dialect, statementsIn(dialect).clearTasks, promises)),
    erase: async (person, echo, at) => {
      await prepare?.();
      const scope = await scopeOfPerson(read, person);
      const found = await findRows(read, scope, echo);
      const messages = await unclearedMessages(read, person);
      return sql.write(async (transaction) => {
        const { query } = transaction;
        for (const chat of [...found.chats].sort()) {
          await lockSummary({ ...sql, dialect }, transaction, chat as ChatId);
          await query(DROP_SUMMARY, [chat]);
        }
        await clearMessages(query, messages, scope, at);
        await removeRows(query, dialect, { scope, found, echo });
        await query(CLEAR_PAIRING, [person]);
        return countsOf(found, scope, messages.length);
      });
    },
    scrub,
    records: (subject) => recordsOf(read, subject),
  };
};

const unclearedMessages = async (query: Query, person: UserId): Promise<readonly TheirMessage[]> => {
  const messages: TheirMessage[] = [];
  for await (const message of messagesOf(query, person)) if (!isCleared(message)) messages.push({ ...message, text: '' });
  return messages;
};

const clearMessages = async (query: Query, messages: readonly TheirMessage[], { direct }: PersonalScope, at: number): Promise<void> => {
  for (const message of messages) {
    await query(CLEAR_MESSAGE, [clearedSender(message), at, message.chat_id, message.message_id]);
    await query(REMOVE_PARTS, [message.chat_id, message.message_id]);
  }
  for (const chat of direct) await query(CLEAR_CHAT, [at, chat]);
};

const over = async (query: Query, dialect: Dialect, statement: string, keys: readonly (string | number)[]): Promise<void> => {
  for (let at = 0; at < keys.length; at += CHUNK) await query(statement, [dialect.json(keys.slice(at, at + CHUNK))]);
};

const removeRows = async (
  query: Query,
  dialect: Dialect,
  { scope, found, echo }: { readonly scope: PersonalScope; readonly found: FoundRows; readonly echo: Echo },
): Promise<void> => {
  const statements = statementsIn(dialect);
  const all = (statement: string, keys: readonly (string | number)[]): Promise<void> => over(query, dialect, statement, keys);
  await all(statements.removeEntries, found.entries);
  // Read anew: somebody may have edited the reply meanwhile.
  for (let at = 0; at < found.quotingEntries.length; at += CHUNK) {
    const ids = dialect.json(found.quotingEntries.slice(at, at + CHUNK));
    for (const row of await query<{ id: number; chat_id: string; turn_id: string | null; step: string }>(statements.entriesOf, [ids])) {
      const step = JSON.parse(row.step) as ConversationStep;
      if (step.role !== 'person' || !step.replied || fateOf(row, scope, echo) !== 'quotes') continue;
      const left = stepFields({ ...step, replied: withoutQuote(step.replied) });
      await query('UPDATE conversation SET step = ? WHERE id = ?', [dialect.json(left), row.id]);
    }
  }
  await all(statements.clearQuotes, found.quotingMessages);
  await all(statements.removeItems, found.outbox);
  await all(statements.removeRequestKeys, found.requestKeys);
  await all(statements.removeWebhookEvents, found.webhookEvents);
  await all(statements.removeLocal, found.localMessages);
  await all(statements.removeSteps, found.runs);
  await all(statements.removeRuns, found.runs);
  await all(statements.removeApprovals, found.approvals);
  await all(statements.removeSchedules, found.schedules);
  await all(statements.removeFacts, found.facts);
  await all(statements.removeLinks, found.links);
  await all(statements.removePromises, [...scope.promises]);
  await all(statements.clearResults, found.results);
  await all(statements.clearTasks, found.tasks);
  await all(statements.clearScheduledTasks, found.scheduledTasks);
  for (const [id, url] of found.notes) await query(CLEAR_NOTE, [storedWords({ url }), id]);
  for (const [owner, key] of found.keyValues) await query(REMOVE_KEY, [owner, key]);
};

const countsOf = (found: FoundRows, { promises }: PersonalScope, messages: number): PersonalCounts => {
  const counts: Readonly<Record<string, number>> = {
    messages,
    'entries of conversations': found.entries.length,
    'quotes in replies of others': found.quotingEntries.length + found.quotingMessages.length,
    'replies and notes': found.outbox.length,
    'kept answers of the API': found.requestKeys.length,
    'webhook events': found.webhookEvents.length,
    'messages of local chats': found.localMessages.length,
    promises: promises.size,
    'results of others': found.results.length,
    'tasks of others': found.tasks.length + found.scheduledTasks.length,
    'notes of others': found.notes.length,
    schedules: found.schedules.length,
    approvals: found.approvals.length,
    'runs of agents': found.runs.length,
    facts: found.facts.length,
    links: found.links.length,
    'sessions and shown lines': found.keyValues.length,
  };
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
};

const echoOf = async (query: Query, person: UserId): Promise<Echo> => {
  const echo = makeEcho();
  for await (const { text, parts, attachments } of messagesOf(query, person)) {
    echo.add(text);
    for (const part of JSON.parse(parts ?? '[]') as readonly { text: string }[]) echo.add(part.text);
    for (const { fileName } of JSON.parse(attachments ?? '[]') as readonly { fileName?: string }[])
      if (fileName !== undefined) echo.add(fileName);
  }
  const said = async (table: string, columns: string, where: { where: string; params: readonly string[] }): Promise<void> => {
    for await (const row of rowsOf<Record<string, unknown>>(query, { from: { table, columns }, key: 'id', first: NUMBERS, ...where }))
      for (const [name, value] of Object.entries(row)) if (name !== 'page_key' && typeof value === 'string') echo.add(value);
  };
  const asked = isOfPerson('requested_by', person);
  const requested = { where: asked.where, params: asked.params.map(String) };
  await said('facts', 'text', { where: 'said_by = ?', params: [person] });
  await said('links', 'url, note', { where: 'saved_by = ?', params: [person] });
  await said('promises', 'task_description', requested);
  await said('schedules', 'task_description', requested);
  const others = { from: { table: 'messages', columns: 'sender, text' }, key: 'sequence', first: NUMBERS };
  for await (const { sender, text } of rowsOf<{ sender: string; text: string }>(query, others))
    if ((JSON.parse(sender) as { id: string }).id !== person) echo.except(text);
  return echo;
};

const surveyOf = async (query: Query, scope: PersonalScope, found: FoundRows): Promise<PersonalSurvey> => {
  const { person, promises } = scope;
  const files: PersonalFiles[] = [];
  const names = new Set<string>();
  const messages: { chatId: ChatId; messageId: MessageId }[] = [];
  let count = 0;
  for await (const message of messagesOf(query, person)) {
    if (!isCleared(message)) count++;
    const parts = JSON.parse(message.parts ?? '[]') as readonly { readonly messageId: MessageId }[];
    for (const messageId of new Set([message.message_id, ...parts.map((part) => part.messageId)]))
      messages.push({ chatId: message.chat_id, messageId });
    const { username, displayName } = JSON.parse(message.sender) as { readonly username?: string; readonly displayName?: string };
    for (const name of [username, displayName]) if (name !== undefined) names.add(name);
    if (message.files === null) continue;
    const chat = { id: message.chat_id, kind: message.chat_kind as PersonalFiles['chat']['kind'] };
    files.push({ chat, files: JSON.parse(message.files) as PersonalFiles['files'], ...present({ username }) });
  }
  type Open = { id: number; completed_at: string | null; lease_worker: string | null };
  const open = await chunked<Open>(
    query,
    [...promises, ...found.tasks],
    (ids) => `SELECT id, completed_at, lease_worker FROM promises WHERE id IN (${ids})`,
  );
  const schedules = await chunked<{ id: number }>(
    query,
    [...found.schedules, ...found.scheduledTasks],
    (ids) => `SELECT id FROM schedules WHERE ended_at IS NULL AND id IN (${ids})`,
  );
  return {
    counts: countsOf(found, scope, count),
    promises: open.filter(({ completed_at }) => completed_at === null).map(({ id }) => Number(id) as PromiseId),
    schedules: schedules.map(({ id }) => Number(id) as ScheduleId),
    leased: open.filter(({ lease_worker }) => lease_worker !== null).map(({ id }) => Number(id) as PromiseId),
    messages,
    files,
    underWay: found.underWay,
    names: [...names],
  };
};

/** Numbers are written into the statement: they are ours. */
const chunked = async <Row>(query: Query, ids: readonly number[], statement: (ids: string) => string): Promise<readonly Row[]> => {
  const rows: Row[] = [];
  for (let at = 0; at < ids.length; at += CHUNK) rows.push(...(await query<Row>(statement(ids.slice(at, at + CHUNK).join(', ')))));
  return rows;
};
