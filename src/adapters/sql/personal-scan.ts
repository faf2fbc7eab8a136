import type { ConversationStep, RepliedMessage } from '../../domain/index.ts';
import type { Echo } from '../../domain/recall/echo.ts';
import { isTheirMessage, NUMBERS, type PersonalScope, rowsOf, TEXTS } from './personal-scope.ts';
import type { Query } from './sql.ts';

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

type Heard = Pick<Echo, 'isIn'>;

interface EntryRow {
  readonly id: number;
  readonly chat_id: string;
  readonly turn_id: string | null;
  readonly step: string;
}

/** A reply without what it quotes: whose words these are is not told either. */
export const withoutQuote = ({ text: _, quote: __, from: ___, ...rest }: RepliedMessage): RepliedMessage => rest;

const textsOf = (...parts: readonly (string | null | undefined)[]): string => parts.filter(Boolean).join('\n');

/** What becomes of an entry. */
export const fateOf = (row: EntryRow, scope: PersonalScope, echo: Heard): 'goes' | 'quotes' | 'stays' => {
  if (scope.direct.has(row.chat_id)) return 'goes';
  const step = JSON.parse(row.step) as ConversationStep;
  if (step.role !== 'person') {
    if (row.turn_id !== null && scope.turns.has(row.turn_id)) return 'goes';
    const { text, calls } =
      step.role === 'agent' ? { text: step.text, calls: JSON.stringify(step.toolCalls) } : { text: step.output, calls: '' };
    return echo.isIn(textsOf(text, calls)) ? 'goes' : 'stays';
  }
  if (isTheirMessage(scope, row.chat_id, step.messageId)) return 'goes';
  const { replied } = step;
  if (!replied || (replied.text === undefined && replied.quote === undefined && replied.from === undefined)) return 'stays';
  return isTheirMessage(scope, row.chat_id, replied.messageId) || echo.isIn(textsOf(replied.text, replied.quote)) ? 'quotes' : 'stays';
};

const toldKey = (chat: string, text: string): string => `${chat} ${text}`;
const textIn = ({ step, turn_id }: EntryRow): string => {
  const said = turn_id === null ? (JSON.parse(step) as ConversationStep) : undefined;
  return said?.role === 'agent' ? said.text : '';
};

/** What failed with a promise of theirs says what that promise was: `promise #3 (call Ernestine)`. */
const tellsOfTheirs = (text: string, { promises }: PersonalScope): boolean =>
  promises.size > 0 && Array.from(text.matchAll(/promise #(\d{1,15}) \(/g)).some(([, id]) => promises.has(Number(id)));

/** Looks through everything that may hold words of a person. Reads only. */
export const findRows = async (query: Query, scope: PersonalScope, words: Echo): Promise<FoundRows> => {
  const echo = { isIn: (text: string) => words.isIn(text) || tellsOfTheirs(text, scope) };
  const { direct, turns, promises } = scope;

  const outbox: number[] = [];
  /** What was said of their promises stands in conversations, too, without a turn. */
  const told = new Set<string>();
  type Item = { id: number; chat_id: string; text: string; answers: string; promise_id: number | null };
  const items = { table: 'outbox', columns: 'id, chat_id, text, answers, promise_id' };
  for await (const row of rowsOf<Item>(query, { from: items, key: 'id', first: NUMBERS })) {
    const answers = JSON.parse(row.answers) as readonly string[];
    const isBound =
      answers.some((id) => isTheirMessage(scope, row.chat_id, id)) || (row.promise_id !== null && promises.has(Number(row.promise_id)));
    if (isBound) told.add(toldKey(row.chat_id, row.text));
    if (direct.has(row.chat_id) || isBound || echo.isIn(row.text)) outbox.push(Number(row.id));
  }

  const entries: number[] = [];
  const quotingEntries: number[] = [];
  const chats = new Set<string>([...direct, ...scope.messages.keys()]);
  const conversation = { table: 'conversation', columns: 'id, chat_id, turn_id, step' };
  for await (const row of rowsOf<EntryRow>(query, { from: conversation, key: 'id', first: NUMBERS })) {
    const fate = told.has(toldKey(row.chat_id, textIn(row))) ? 'goes' : fateOf(row, scope, echo);
    if (fate === 'stays') continue;
    chats.add(row.chat_id);
    (fate === 'goes' ? entries : quotingEntries).push(Number(row.id));
  }

  const summaries = { table: 'conversation_summaries', columns: 'chat_id, text' };
  for await (const { chat_id, text } of rowsOf<{ chat_id: string; text: string }>(query, { from: summaries, key: 'chat_id', first: TEXTS }))
    if (echo.isIn(text)) chats.add(chat_id);

  const quotingMessages: number[] = [];
  const replies = { table: 'messages', columns: 'sequence, chat_id, reply_to, replied' };
  type Reply = { sequence: number; chat_id: string; reply_to: string | null; replied: string };
  for await (const row of rowsOf<Reply>(query, { from: replies, key: 'sequence', first: NUMBERS, where: 'replied IS NOT NULL' })) {
    const { messageId, text, quote } = JSON.parse(row.replied) as RepliedMessage;
    const isTheirs = isTheirMessage(scope, row.chat_id, messageId) || isTheirMessage(scope, row.chat_id, row.reply_to);
    if (isTheirs || echo.isIn(textsOf(text, quote))) quotingMessages.push(Number(row.sequence));
  }

  const localMessages: number[] = [];
  type Local = { position: number; chat_id: string; sender: string; text: string };
  const transcript = { table: 'local_messages', columns: 'position, chat_id, sender, text' };
  for await (const row of rowsOf<Local>(query, { from: transcript, key: 'position', first: NUMBERS }))
    if (direct.has(row.chat_id) || (row.sender !== 'operator' && echo.isIn(row.text))) localMessages.push(Number(row.position));

  const runs: string[] = [];
  let underWay = 0;
  type Run = { id: string; chat_id: string; promise_id: number | null; turn_id: string | null; asked: string; ended_at: number | null };
  const allRuns = { table: 'runs', columns: 'id, chat_id, promise_id, turn_id, asked, ended_at' };
  for await (const row of rowsOf<Run>(query, { from: allRuns, key: 'id', first: TEXTS })) {
    const asked = JSON.parse(row.asked) as readonly { chatId: string; messageId: string }[];
    const isBound =
      direct.has(row.chat_id) ||
      (row.turn_id !== null && turns.has(row.turn_id)) ||
      (row.promise_id !== null && promises.has(Number(row.promise_id))) ||
      asked.some(({ chatId, messageId }) => isTheirMessage(scope, chatId, messageId));
    if (isBound) runs.push(row.id);
    else if (await repeats(query, row.id, echo)) {
      if (row.ended_at === null) underWay++;
      else runs.push(row.id);
    }
  }

  const approvals: number[] = [];
  type Asked = {
    id: number;
    chat_id: string;
    promise_id: number;
    requested_by: string;
    input: string;
    reason: string;
    outcome: string | null;
    status: string;
  };
  const allApprovals = { table: 'approvals', columns: 'id, chat_id, promise_id, requested_by, input, reason, outcome, status' };
  for await (const row of rowsOf<Asked>(query, { from: allApprovals, key: 'id', first: NUMBERS })) {
    const isBound = direct.has(row.chat_id) || promises.has(Number(row.promise_id)) || isAskedBy(scope, row.requested_by);
    const isEcho = !isBound && echo.isIn(textsOf(row.input, row.reason, row.outcome));
    if (isEcho && (row.status === 'asked' || row.status === 'approved')) underWay++;
    else if (isBound || isEcho) approvals.push(Number(row.id));
  }

  return {
    entries,
    quotingEntries,
    chats,
    quotingMessages,
    outbox,
    webhookEvents: await webhookEventsIn(query, scope, echo),
    requestKeys: await requestKeysIn(query, scope, echo),
    localMessages,
    runs,
    approvals,
    ...(await schedulesIn(query, scope, echo)),
    ...(await recalledIn(query, scope, echo)),
    ...(await othersPromisesIn(query, scope, echo)),
    keyValues: await keyValuesIn(query, scope, echo),
    underWay,
  };
};

const webhookEventsIn = async (query: Query, { direct, promises }: PersonalScope, echo: Heard): Promise<readonly number[]> => {
  const found: number[] = [];
  type Posted = { id: number; chat_id: string | null; promise_id: number | null; fact: string };
  const from = { table: 'webhook_events', columns: 'id, chat_id, promise_id, fact' };
  for await (const { id, chat_id, promise_id, fact } of rowsOf<Posted>(query, { from, key: 'id', first: NUMBERS })) {
    const isBound = (chat_id !== null && direct.has(chat_id)) || (promise_id !== null && promises.has(Number(promise_id)));
    if (isBound || echo.isIn(textsIn(JSON.parse(fact)).join('\n'))) found.push(Number(id));
  }
  return found;
};

/** Answers of the API that are kept for whoever asks again with the same idempotency key. */
const requestKeysIn = async (query: Query, { direct, promises }: PersonalScope, echo: Heard): Promise<readonly string[]> => {
  const found: string[] = [];
  type Answered = { key: string; body: string };
  const from = { table: 'request_keys', columns: 'key, body' };
  for await (const { key, body } of rowsOf<Answered>(query, { from, key: 'key', first: TEXTS, where: 'body IS NOT NULL' })) {
    const { id, chatId, promiseId, attempts } = (JSON.parse(body) ?? {}) as Readonly<Record<string, unknown>>;
    // Of these, promises alone have attempts.
    const promise = attempts === undefined ? promiseId : id;
    const isBound = direct.has(String(chatId)) || promises.has(Number(promise ?? 0));
    if (isBound || echo.isIn(textsIn(JSON.parse(body)).join('\n'))) found.push(key);
  }
  return found;
};

/** Every text in it, however deep. */
const textsIn = (value: unknown): readonly string[] => {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
};

const repeats = async (query: Query, run: string, echo: Heard): Promise<boolean> => {
  const from = { table: 'run_steps', columns: 'body' };
  for await (const { body } of rowsOf<{ body: string }>(query, { from, key: 'seq', first: NUMBERS, where: 'run_id = ?', params: [run] }))
    if (echo.isIn(body)) return true;
  return false;
};

const isAskedBy = ({ person }: PersonalScope, requested: string): boolean => (JSON.parse(requested) as { id?: unknown }).id === person;

const schedulesIn = async (query: Query, scope: PersonalScope, echo: Heard): Promise<Pick<FoundRows, 'schedules' | 'scheduledTasks'>> => {
  const schedules: number[] = [];
  const scheduledTasks: number[] = [];
  type Scheduled = { id: number; chat_id: string; requested_by: string; task_description: string };
  const from = { table: 'schedules', columns: 'id, chat_id, requested_by, task_description' };
  for await (const row of rowsOf<Scheduled>(query, { from, key: 'id', first: NUMBERS }))
    if (scope.direct.has(row.chat_id) || isAskedBy(scope, row.requested_by)) schedules.push(Number(row.id));
    else if (echo.isIn(row.task_description)) scheduledTasks.push(Number(row.id));
  return { schedules, scheduledTasks };
};

/** Facts and links: those that they had saved, and those of others that repeat their words. */
const recalledIn = async (
  query: Query,
  { direct, person }: PersonalScope,
  echo: Heard,
): Promise<Pick<FoundRows, 'facts' | 'links' | 'notes'>> => {
  const facts: number[] = [];
  type Fact = { id: number; chat_id: string; said_by: string; text: string };
  const allFacts = { table: 'facts', columns: 'id, chat_id, said_by, text' };
  for await (const row of rowsOf<Fact>(query, { from: allFacts, key: 'id', first: NUMBERS }))
    if (direct.has(row.chat_id) || row.said_by === person || echo.isIn(row.text)) facts.push(Number(row.id));
  const links: number[] = [];
  const notes: (readonly [number, string])[] = [];
  type Saved = { id: number; chat_id: string; saved_by: string; url: string; note: string | null };
  const allLinks = { table: 'links', columns: 'id, chat_id, saved_by, url, note' };
  for await (const row of rowsOf<Saved>(query, { from: allLinks, key: 'id', first: NUMBERS }))
    if (direct.has(row.chat_id) || row.saved_by === person || echo.isIn(row.url)) links.push(Number(row.id));
    else if (row.note !== null && echo.isIn(row.note)) notes.push([Number(row.id), row.url]);
  return { facts, links, notes };
};

/** Promises of others that repeat the person's words, in what is to be done or in what came of it. */
const othersPromisesIn = async (query: Query, { promises }: PersonalScope, echo: Heard): Promise<Pick<FoundRows, 'results' | 'tasks'>> => {
  const results: number[] = [];
  const tasks: number[] = [];
  type Others = Readonly<Record<'task_description' | 'metadata', string>> &
    Readonly<Record<'result_summary' | 'error_message' | 'last_error' | 'progress', string | null>> & { readonly id: number };
  const from = { table: 'promises', columns: 'id, task_description, metadata, result_summary, error_message, last_error, progress' };
  for await (const row of rowsOf<Others>(query, { from, key: 'id', first: NUMBERS })) {
    if (promises.has(Number(row.id))) continue;
    if (echo.isIn(textsOf(row.result_summary, row.error_message, row.last_error, row.progress))) results.push(Number(row.id));
    if (echo.isIn(textsOf(row.task_description, row.metadata))) tasks.push(Number(row.id));
  }
  return { results, tasks };
};

/** Whether a key names the chat, or a thread of it; `telegram:501` is not `telegram:50`. */
const names = (key: string, chat: string): boolean => {
  const at = key.indexOf(chat);
  return at >= 0 && !/^\d/.test(key.slice(at + chat.length));
};

/** Sessions of the coding agent in their chats, and replies that are shown with progress. */
const keyValuesIn = async (query: Query, { direct }: PersonalScope, echo: Heard): Promise<FoundRows['keyValues']> => {
  const keyValues: (readonly [string, string])[] = [];
  for (const { owner, key, value } of await query<{ owner: string; key: string; value: string }>(
    `SELECT owner, key, value FROM key_values WHERE owner = 'coding' OR substr(owner, 1, 9) = 'progress:' ORDER BY owner, key`,
  )) {
    const isTheirs = [...direct].some((chat) => key.startsWith(`session ${chat} `) || (owner !== 'coding' && names(key, chat)));
    if (isTheirs || (owner !== 'coding' && echo.isIn(value))) keyValues.push([owner, key]);
  }
  return keyValues;
};
