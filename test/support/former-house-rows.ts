/** The rows of former-house.sql, as the stores of today read them. */
import { strict as assert } from 'node:assert';
import {
  AGENT_ID,
  type AgentPromise,
  advance,
  type ConversationStep,
  endSchedule,
  localChatId,
  OPERATOR_ID,
  type OutboxId,
  type PromiseCommand,
  type PromiseSpec,
  promiseId,
  SELF_PING_CHAT,
  scheduleId,
  turnId,
} from '../../src/domain/index.ts';
import { UNKNOWN } from '../../src/domain/trust/labels.ts';
import {
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  buildSchedule,
  localMessage,
  type MessageOverrides,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../src/testing/index.ts';

export const ADA = telegramChat(501);
export const GROUP = telegramChat(-1_001_234_567_890);
export const OLD = telegramChat(-123_456);
export const NEW = telegramChat(-1_009_876_543_210);
const STRANGER = telegramChat(7_000_000_001);
export const LOCAL = localChatId(1);
export const m = telegramMessage;
export const l = localMessage;
const bob = { id: telegramUser(502), kind: 'person', displayName: 'Bob' } as const;
const operator = { id: OPERATOR_ID, kind: 'operator' } as const;
const inGroup = { chatId: GROUP, chatKind: 'group', sender: bob } as const;
const groupAccess = { allowed: true, rule: 'workspace-group', path: 'workspaces.Railway.telegram_chat_ids' } as const;
const localAccess = { allowed: true, rule: 'local-operator', path: '(local chat)' } as const;
const { response: _, ...unanswerable } = buildRecord({
  chatId: STRANGER,
  sender: { id: telegramUser(7_000_000_001), kind: 'person', username: 'stranger' },
});
const record = (message: MessageOverrides, overrides: Parameters<typeof buildRecord>[1]) => buildRecord(message, overrides);

export const MESSAGES = [
  record({}, { replyKey: '3074457345618258601', verdict: { kind: 'answered', turnId: turnId('t1') } }),
  record(
    {
      messageId: m(12),
      text: 'And “back”?',
      replyTo: m(1),
      replied: { messageId: m(1), from: 'Ada', text: 'When does the train leave?', quote: 'the train' },
      editedAt: START + 9,
    },
    { replyKey: '-9223372036854775807' },
  ),
  record(
    {
      messageId: m(3),
      text: 'Two files\n[saved as inbox/a.txt]',
      parts: [
        { messageId: m(3), text: 'Two files' },
        { messageId: m(4), text: '[saved as inbox/a.txt]' },
      ],
    },
    { replyKey: '42' },
  ),
  record(
    { ...inGroup, messageId: m(7), text: 'what is left to do?', addressedTo: 'us' },
    { access: groupAccess, response: { action: 'answer', rule: 'addressed-to-us' }, replyKey: '77' },
  ),
  record(
    { ...inGroup, messageId: m(6), text: 'lunch?' },
    {
      access: groupAccess,
      response: { action: 'remember', rule: 'group-context' as never },
      verdict: { kind: 'remembered' },
      replyKey: '66',
    },
  ),
  {
    ...unanswerable,
    replyKey: '3074457345618258603',
    access: { allowed: false, rule: 'not-whitelisted', path: 'dm_whitelist' },
    verdict: { kind: 'denied' },
  } as const,
  record({ messageId: m(2), text: '' }, { replyKey: '22', verdict: { kind: 'ignored' }, deletedAt: START + 50 }),
  record(
    { chatId: OLD, chatKind: 'group', messageId: m(9), sender: bob, text: 'hi' },
    { verdict: { kind: 'failed', turnId: turnId('t3'), reason: 'no model answered' }, replyKey: '99' },
  ),
  record(
    { chatId: LOCAL, messageId: l(1), sender: operator, text: 'What is there to do?' },
    { access: localAccess, verdict: { kind: 'answered', turnId: turnId('t2') }, replyKey: '-5' },
  ),
  record({ chatId: LOCAL, messageId: l(3), sender: operator, text: 'Buy them' }, { access: localAccess, replyKey: '-6' }),
  record(
    { chatId: SELF_PING_CHAT, messageId: l(1), sender: { id: AGENT_ID, kind: 'self', displayName: 'self-ping' }, text: 'ping abc' },
    {
      access: { allowed: true, rule: 'self-ping', path: '(self-ping)' },
      verdict: { kind: 'answered', turnId: turnId('t0') },
      replyKey: '901',
    },
  ),
];

export const RAILWAY = {
  chatId: GROUP,
  chatKind: 'group',
  messageId: m(6),
  tenant: 'Railway',
  requestedBy: { id: telegramUser(502) },
} as const;
const error = { code: 'tool/failed', message: 'the search failed' };
const start = { type: 'start', at: START + 1, workerId: 'w-old', leaseMs: 30_000 } as const;
const complete = (result: string, at: number) => ({ type: 'complete', at: START + at, workerId: 'w-old', attempt: 1, result }) as const;
const fail = (retryable: boolean) => ({ type: 'fail', at: START + 2, workerId: 'w-old', attempt: 1, error, retryable, jitter: 0 }) as const;
const saved = (promise: AgentPromise, ...commands: readonly PromiseCommand[]): AgentPromise => ({
  ...promiseAfter(promise, ...commands),
  version: commands.length,
});
/** What models had led to before labels were: its source is unknown. */
const unlabelled = <T extends object>(row: T) => ({ ...row, provenance: UNKNOWN });
const build = (id: number, spec: Partial<PromiseSpec> = {}) => buildPromise({ id: promiseId(id), ...spec });
const { messageId: __, ...moved } = build(7, {
  chatId: NEW,
  chatKind: 'group',
  tenant: OLD,
  requestedBy: { id: telegramUser(502), username: 'bob' },
  notBefore: START + 9_000,
  metadata: { schedule: 1, chatId: 501 },
});

export const PROMISES: readonly AgentPromise[] = [
  build(1, { idempotencyKey: 'k1' }),
  build(2, { ...RAILWAY, dependsOn: [promiseId(1), promiseId(3)] }),
  {
    ...saved(build(3, { ...RAILWAY, deadline: START + 3_600_000 }), start),
    progress: { text: 'searching the web', at: START + 5 },
  } as AgentPromise,
  unlabelled({
    ...saved(
      build(4, { chatId: LOCAL, tenant: LOCAL, requestedBy: { id: OPERATOR_ID }, messageId: l(1) }),
      start,
      complete('Two tickets', 2),
    ),
    deliveredAt: START + 9,
  } as AgentPromise),
  unlabelled(saved(build(5), start, complete('Platform 4', 3))),
  unlabelled(
    saved(
      build(6),
      start,
      fail(true),
      { ...start, at: START + 90_000 },
      { type: 'cancel', at: START + 90_001, reason: 'cancelled by Ada' },
    ),
  ),
  moved,
  unlabelled(saved(build(8, { tenant: '12345' }), start, fail(false))),
  saved(build(9), start, fail(true)),
];

export const ended = () => {
  const end = endSchedule(advance(buildSchedule({ id: scheduleId(2) }), START + 9, promiseId(5)), START + 5);
  assert.ok(end.ok);
  return end.value;
};

const person = (text: string, more: object): ConversationStep => ({ role: 'person', name: 'Ada', text, ...more });
export const CONVERSATIONS = [
  [
    ADA,
    [
      person('When does the train leave?', { messageId: m(1) }),
      { role: 'agent', text: '', toolCalls: [{ id: 'c1', tool: 'search_files', input: { messageId: 1, query: 'timetable' } }] },
      { role: 'tool', callId: 'c1', tool: 'search_files', output: '{"messageId":1}', isError: false },
      { role: 'agent', text: 'At 9:41.', toolCalls: [] },
    ],
  ],
  [GROUP, [person('lunch?', { name: 'Bob', messageId: m(6), replied: { messageId: m(5), from: 'Ada', text: 'hungry' }, overheard: true })]],
  [LOCAL, [person('What is there to do?', { name: 'operator', messageId: l(1) })]],
  [OLD, []],
  [NEW, [person('hi', { name: 'Bob' })]],
] as const;

const item = (id: number, dedupeKey: string, draft: object, state: object) => ({
  ...buildOutboxDraft({ text: `text ${dedupeKey}`, dedupeKey, answers: [], provenance: UNKNOWN, ...draft }),
  id: id as OutboxId,
  attempts: 0,
  ...state,
});
const pending = { status: 'pending', dueAt: START };
/** The only text that names a chat: it stays as it was written. */
const SKIPPED = 'schedules-skipped:telegram:-1001234567890:2026-11-22';
export const OUTBOX = [
  item(
    1,
    'turn:t1',
    { replyTo: m(1), answers: [m(1)], deliveryKey: '3074457345618258601' },
    { status: 'sent', sentAt: START + 3, sentMessageId: m(31) },
  ),
  item(
    2,
    'turn:t2',
    { chatId: LOCAL, replyTo: l(1), answers: [l(1)], deliveryKey: '-5' },
    { status: 'sent', sentAt: START + 3, sentMessageId: l(2) },
  ),
  item(3, 'promise:4:1', { chatId: LOCAL, replyTo: l(1), promiseId: 4, deliveryKey: '8' }, { status: 'sent', sentAt: START + 9 }),
  item(
    4,
    'turn:t4',
    { chatId: GROUP, replyTo: m(6), answers: [m(6), m(5)], deliveryKey: '-8123456789012345678' },
    { ...pending, attempts: 2, dueAt: START + 4_000, lastError: 'connection reset' },
  ),
  item(5, SKIPPED, { chatId: GROUP, text: 'text schedules-skipped:-1001234567890:2026-11-22', deliveryKey: '10' }, pending),
  item(6, 'promise:5:1', { replyTo: m(1), promiseId: 5, deliveryKey: '11' }, pending),
  item(
    7,
    'promise:8:1',
    { replyTo: m(1), promiseId: 8, deliveryKey: '12' },
    { status: 'failed', failedAt: START + 60, lastError: 'the chat is gone' },
  ),
  item(8, 'turn:t5', { chatId: NEW, deliveryKey: '13' }, pending),
  item(9, 'turn:t6', { chatId: LOCAL, answers: [l(3)], deliveryKey: '14' }, pending),
  item(10, 'still-working:3:1', { chatId: GROUP, promiseId: 3, deliveryKey: '15' }, pending),
];

const local = (sequence: number, message: object) => ({
  chatId: LOCAL,
  messageId: l(sequence),
  sequence,
  from: 'operator',
  answers: [],
  at: START + sequence - 1,
  ...message,
});
export const TRANSCRIPT = [
  local(1, { text: 'What is there to do?' }),
  local(2, { from: 'agent', text: 'Two tickets.', replyTo: l(1), answers: [l(1)] }),
  local(3, { text: 'Buy them', replyTo: l(2) }),
  local(4, { text: 'not received yet' }),
];

export const STATE = {
  telegram: {
    'channel:1234567890': '77',
    'sent:-8123456789012345678': '{"chatId":-1001234567890,"isFinal":true,"at":1}',
    session: 'a session',
    updates: '{"pts":5,"qts":0,"date":1,"seq":0}',
  },
  local: {},
  'outbox:telegram': { 'penalty:answers:telegram:-1001234567890': `${START + 2_000}`, 'penalty:typing': `${START + 1_000}` },
  'outbox:local': { 'penalty:progress:local:1': '5' },
  'progress:telegram': { 'progress:telegram:501/telegram:31': 'text turn:t1' },
  'progress:local': { 'progress:local:1/local:2': 'Two tickets.' },
  models: { 'anthropic/claude': '{"until":5}' },
};
