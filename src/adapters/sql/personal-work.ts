import {
  type FoundRows,
  type Heard,
  isTheirMessage,
  isTheirPromise,
  NUMBERS,
  type PersonalScope,
  rowsOf,
  TEXTS,
  textsOf,
} from './personal-scope.ts';
import type { Query } from './sql.ts';

/** Of others, `underWay` are still worked on and repeat the person's words: they stay. */
interface FoundWork<Key> {
  readonly found: readonly Key[];
  readonly underWay: number;
}

export const runsIn = async (query: Query, scope: PersonalScope, echo: Heard): Promise<FoundWork<string>> => {
  const found: string[] = [];
  let underWay = 0;
  type Run = { id: string; chat_id: string; promise_id: number | null; turn_id: string | null; asked: string; ended_at: number | null };
  const from = { table: 'runs', columns: 'id, chat_id, promise_id, turn_id, asked, ended_at' };
  for await (const row of rowsOf<Run>(query, { from, key: 'id', first: TEXTS })) {
    const asked = JSON.parse(row.asked) as readonly { chatId: string; messageId: string }[];
    const isBound =
      scope.direct.has(row.chat_id) ||
      (row.turn_id !== null && scope.turns.has(row.turn_id)) ||
      isTheirPromise(scope, row.promise_id) ||
      asked.some(({ chatId, messageId }) => isTheirMessage(scope, chatId, messageId));
    const isEcho = !isBound && (await repeats(query, row.id, echo));
    if (isEcho && row.ended_at === null) underWay++;
    else if (isBound || isEcho) found.push(row.id);
  }
  return { found, underWay };
};

export const approvalsIn = async (query: Query, scope: PersonalScope, echo: Heard): Promise<FoundWork<number>> => {
  const found: number[] = [];
  let underWay = 0;
  type Asked = Readonly<Record<'chat_id' | 'requested_by' | 'input' | 'reason' | 'status', string>> & {
    readonly id: number;
    readonly promise_id: number;
    readonly outcome: string | null;
  };
  const from = { table: 'approvals', columns: 'id, chat_id, promise_id, requested_by, input, reason, outcome, status' };
  for await (const row of rowsOf<Asked>(query, { from, key: 'id', first: NUMBERS })) {
    const isBound = scope.direct.has(row.chat_id) || isTheirPromise(scope, row.promise_id) || isAskedBy(scope, row.requested_by);
    const isEcho = !isBound && echo.isIn(textsOf(row.input, row.reason, row.outcome));
    if (isEcho && (row.status === 'asked' || row.status === 'approved')) underWay++;
    else if (isBound || isEcho) found.push(Number(row.id));
  }
  return { found, underWay };
};

export const webhookEventsIn = async (query: Query, { direct, promises }: PersonalScope, echo: Heard): Promise<readonly number[]> => {
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
export const requestKeysIn = async (query: Query, { direct, promises }: PersonalScope, echo: Heard): Promise<readonly string[]> => {
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

export const schedulesIn = async (
  query: Query,
  scope: PersonalScope,
  echo: Heard,
): Promise<Pick<FoundRows, 'schedules' | 'scheduledTasks'>> => {
  const schedules: number[] = [];
  const scheduledTasks: number[] = [];
  type Scheduled = { id: number; chat_id: string; requested_by: string; task_description: string };
  const from = { table: 'schedules', columns: 'id, chat_id, requested_by, task_description' };
  for await (const row of rowsOf<Scheduled>(query, { from, key: 'id', first: NUMBERS }))
    if (scope.direct.has(row.chat_id) || isAskedBy(scope, row.requested_by)) schedules.push(Number(row.id));
    else if (echo.isIn(row.task_description)) scheduledTasks.push(Number(row.id));
  return { schedules, scheduledTasks };
};

/** Promises of others that repeat the person's words, in what is to be done or in what came of it. */
export const othersPromisesIn = async (
  query: Query,
  { promises }: PersonalScope,
  echo: Heard,
): Promise<Pick<FoundRows, 'results' | 'tasks'>> => {
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
export const keyValuesIn = async (query: Query, { direct }: PersonalScope, echo: Heard): Promise<FoundRows['keyValues']> => {
  const keyValues: (readonly [string, string])[] = [];
  for (const { owner, key, value } of await query<{ owner: string; key: string; value: string }>(
    `SELECT owner, key, value FROM key_values WHERE owner = 'coding' OR substr(owner, 1, 9) = 'progress:' ORDER BY owner, key`,
  )) {
    const isTheirs = [...direct].some((chat) => key.startsWith(`session ${chat} `) || (owner !== 'coding' && names(key, chat)));
    if (isTheirs || (owner !== 'coding' && echo.isIn(value))) keyValues.push([owner, key]);
  }
  return keyValues;
};
