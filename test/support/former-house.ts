import { strict as assert } from 'node:assert';
import { readFileSync } from 'node:fs';
import { makeMemoryChangeFeed } from '../../src/adapters/memory/index.ts';
import { makeMovedChats } from '../../src/application/chats/moved-chats.ts';
import { makeOutboxDeliverer } from '../../src/application/outbox/deliver-outbox.ts';
import { makeSendLimiter } from '../../src/application/outbox/send-limiter.ts';
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
  userId,
} from '../../src/domain/index.ts';
import { type Storage, silentEvents } from '../../src/ports/index.ts';
import {
  buildEntry,
  buildOutboxDraft,
  buildPromise,
  buildRecord,
  buildSchedule,
  buildTurn,
  localMessage,
  type MessageOverrides,
  makeFixedClock,
  makeRecordingGateway,
  promiseAfter,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../src/testing/index.ts';

/** The last migration of the version whose ids were numbers. */
export const FORMER = 'MessagesByQuoted1763820000000';

const ROWS = readFileSync(new URL('./former-house.sql', import.meta.url), 'utf8')
  .split(/;\n(?=INSERT|$)/)
  .filter(Boolean);
/** What that version has stored, by its own stores: a row for each thing that it could store. */
export const FORMER_SQLITE = [
  ...ROWS,
  `UPDATE counters SET value = CASE name WHEN 'promise' THEN 9 ELSE 2 END WHERE name IN ('promise', 'schedule')`,
];
export const FORMER_POSTGRES = [
  ...ROWS,
  `SELECT setval('promise_numbers', 9), setval('schedule_numbers', 2)`,
  ...['conversation', 'outbox'].map((table) => `SELECT setval(pg_get_serial_sequence('${table}', 'id'), max(id)) FROM ${table}`),
  `SELECT setval(pg_get_serial_sequence('local_messages', 'position'), max(position)) FROM local_messages`,
];

const ADA = telegramChat(501);
const GROUP = telegramChat(-1_001_234_567_890);
const OLD = telegramChat(-123_456);
const NEW = telegramChat(-1_009_876_543_210);
const STRANGER = telegramChat(7_000_000_001);
const LOCAL = localChatId(1);
const m = telegramMessage;
const l = localMessage;
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

const MESSAGES = [
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

const RAILWAY = {
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
const build = (id: number, spec: Partial<PromiseSpec> = {}) => buildPromise({ id: promiseId(id), ...spec });
const { messageId: __, ...moved } = build(7, {
  chatId: NEW,
  chatKind: 'group',
  tenant: OLD,
  requestedBy: { id: telegramUser(502), username: 'bob' },
  notBefore: START + 9_000,
  metadata: { schedule: 1, chatId: 501 },
});

const PROMISES: readonly AgentPromise[] = [
  build(1, { idempotencyKey: 'k1' }),
  build(2, { ...RAILWAY, dependsOn: [promiseId(1), promiseId(3)] }),
  {
    ...saved(build(3, { ...RAILWAY, deadline: START + 3_600_000 }), start),
    progress: { text: 'searching the web', at: START + 5 },
  } as AgentPromise,
  {
    ...saved(
      build(4, { chatId: LOCAL, tenant: LOCAL, requestedBy: { id: OPERATOR_ID }, messageId: l(1) }),
      start,
      complete('Two tickets', 2),
    ),
    deliveredAt: START + 9,
  } as AgentPromise,
  saved(build(5), start, complete('Platform 4', 3)),
  saved(build(6), start, fail(true), { ...start, at: START + 90_000 }, { type: 'cancel', at: START + 90_001, reason: 'cancelled by Ada' }),
  moved,
  saved(build(8, { tenant: '12345' }), start, fail(false)),
  saved(build(9), start, fail(true)),
];

const ended = () => {
  const end = endSchedule(advance(buildSchedule({ id: scheduleId(2) }), START + 9, promiseId(5)), START + 5);
  assert.ok(end.ok);
  return end.value;
};

const person = (text: string, more: object): ConversationStep => ({ role: 'person', name: 'Ada', text, ...more });
const CONVERSATIONS = [
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
  ...buildOutboxDraft({ text: `text ${dedupeKey}`, dedupeKey, answers: [], ...draft }),
  id: id as OutboxId,
  attempts: 0,
  ...state,
});
const pending = { status: 'pending', dueAt: START };
/** The only text that names a chat: it stays as it was written. */
const SKIPPED = 'schedules-skipped:telegram:-1001234567890:2026-11-22';
const OUTBOX = [
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
const TRANSCRIPT = [
  local(1, { text: 'What is there to do?' }),
  local(2, { from: 'agent', text: 'Two tickets.', replyTo: l(1), answers: [l(1)] }),
  local(3, { text: 'Buy them', replyTo: l(2) }),
  local(4, { text: 'not received yet' }),
];

const STATE = {
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

/** Everything that the former version has stored is there, under ids that name their gateway. */
export const expectFormerHouse = async ({ stores, transcript, state }: Storage): Promise<void> => {
  const { messages, conversations, turns, outbox, promises, schedules, usernames, chatMoves } = stores;
  for (const expected of MESSAGES) assert.deepEqual(await messages.get(expected.message.chat.id, expected.message.messageId), expected);
  assert.deepEqual(await messages.stats(), { open: 4, denied: 1, ignored: 1, remembered: 1, answered: 3, failed: 1 });
  const open = async (chat: typeof ADA) => (await messages.open(chat, 9)).map(({ message }) => message.messageId);
  assert.deepEqual(await Promise.all([ADA, GROUP, LOCAL].map(open)), [[m(3), m(12)], [m(7)], [l(3)]]);
  assert.deepEqual(
    (await messages.withIds([m(4)])).map(({ message }) => message.messageId),
    [m(3)],
  );
  assert.deepEqual(await messages.chatsQuoting([m(1)]), [ADA]);

  assert.deepEqual(await promises.find({ limit: 99 }), PROMISES);
  assert.deepEqual(await promises.findByKey(ADA, 'k1'), PROMISES[0]);
  assert.deepEqual(await schedules.find({ limit: 9 }), [ended(), buildSchedule({ id: scheduleId(1), ...RAILWAY })]);
  for (const [chat, steps] of CONVERSATIONS)
    assert.deepEqual(
      (await conversations.recent(chat, 9)).map(({ step }) => step),
      steps,
    );
  assert.deepEqual((await conversations.recent(ADA, 9))[3], buildEntry('', { turnId: turnId('t1'), step: CONVERSATIONS[0][1][3] }));
  assert.deepEqual(await conversations.chatsAbout([m(1), m(5)]), [GROUP, ADA]);
  assert.deepEqual(await turns.get(turnId('t2')), buildTurn({ id: turnId('t2'), chatId: LOCAL, endedAt: START + 5 }));
  assert.equal((await turns.usage(NEW, START)).turns, 1);

  for (const expected of OUTBOX) assert.deepEqual(await outbox.get(expected.id), expected);
  assert.deepEqual(
    (await outbox.answering(GROUP, m(5))).map(({ id }) => Number(id)),
    [4],
  );
  assert.equal((await outbox.sentAs(ADA, m(31)))?.id, 1);
  assert.deepEqual(
    await outbox.addMany(OUTBOX.map(({ dedupeKey }) => buildOutboxDraft({ dedupeKey }))),
    OUTBOX.map(() => false),
  );

  assert.deepEqual(await transcript.list(LOCAL, 0, 9), TRANSCRIPT);
  assert.deepEqual(await transcript.unreceived(9), [TRANSCRIPT[3]]);
  assert.equal((await transcript.list(SELF_PING_CHAT, 0, 9))[0]?.messageId, l(1));
  for (const [owner, entries] of Object.entries(STATE)) assert.deepEqual(Object.fromEntries(await state(owner).list('')), entries, owner);
  assert.equal(await usernames.pinned('telegram:grace'), telegramUser(7));
  assert.equal(await usernames.pinned('telegram:ops'), OPERATOR_ID);
  assert.equal(await usernames.pinned('grace'), undefined);
  assert.deepEqual(await chatMoves.list(), [{ from: OLD, to: NEW, at: START + 500 }]);
};

/** It goes on where it was: numbers are not given twice, what was posted is known, and work is taken up. */
export const expectToGoOn = async ({ stores, transcript, queue }: Storage): Promise<void> => {
  const { messages, conversations, outbox, promises } = stores;
  const { messageId, sequence, ...first } = TRANSCRIPT[0] as { messageId: string; sequence: number };
  assert.deepEqual(await transcript.post({ ...first, randomId: '501501' } as never), { messageId, sequence, ...first });
  assert.equal((await transcript.post({ ...first, randomId: 'new' } as never)).messageId, l(5));
  assert.deepEqual(await promises.reserveIds(1), [promiseId(10)]);
  assert.equal(await outbox.add(buildOutboxDraft({ dedupeKey: 'new', createdAt: START + 60_000 })), true);
  assert.deepEqual(
    (await outbox.answering(ADA, m(1))).map(({ id }) => Number(id) > 10),
    [false, true],
  );
  await messages.add(buildRecord({ messageId: m(5) }));
  assert.deepEqual(
    (await messages.open(ADA, 9)).map(({ message }) => message.messageId),
    [m(3), m(12), m(5)],
  );
  await conversations.append([buildEntry('and back?')]);
  assert.deepEqual(
    (await conversations.recent(ADA, 1)).map(({ step }) => step),
    [buildEntry('and back?').step],
  );
  const claimed = await queue.claim({ workerId: 'w-new', now: START + 90_000, leaseMs: 30_000, limit: 9 });
  assert.deepEqual(claimed.map(({ id }) => Number(id)).toSorted(), [1, 3, 7, 9]);
  assert.equal(claimed.find(({ id }) => id === 3)?.lostLeases, 1);
};

/**
 * Delivers what waits in the outbox, over two processes one after the other: each message arrives once. One of them had
 * arrived before the former version could store that it did.
 */
export const expectSentOnce = async ({ stores, unitOfWork, state }: Storage): Promise<void> => {
  const clock = makeFixedClock(START + 10_000);
  const gateways = [
    makeRecordingGateway({ canMove: (chat) => chat === OLD || chat === NEW }),
    makeRecordingGateway({ name: 'local' }),
  ] as const;
  const [telegram, own] = gateways;
  const arrived = { chatId: GROUP, text: 'text turn:t4', answers: [m(6), m(5)], deliveryKey: '-8123456789012345678' };
  await telegram.send(arrived);
  const moved = makeMovedChats(stores.chatMoves);
  await moved.load();
  for (let process = 1; process <= 2; process++) {
    const changes = makeMemoryChangeFeed(clock.after);
    const limiter = makeSendLimiter({ state, clock, events: silentEvents });
    const deliverer = makeOutboxDeliverer({
      outbox: stores.outbox,
      unitOfWork,
      gateways,
      limiter,
      changes,
      clock,
      events: silentEvents,
      moved,
      maxChats: 8,
    });
    deliverer.start();
    while ((await stores.outbox.stats()).pending > 0) {
      clock.advance(1_000);
      await new Promise((resolve) => setImmediate(resolve));
    }
    await deliverer.stop();
  }
  const textsIn = (chat: string) => telegram.sent.filter(({ chatId }) => chatId === chat).map(({ text }) => text);
  assert.deepEqual(textsIn(GROUP), ['text turn:t4', 'text schedules-skipped:-1001234567890:2026-11-22', 'text still-working:3:1']);
  assert.deepEqual(textsIn(ADA), ['text promise:5:1']);
  assert.deepEqual(textsIn(NEW), ['text turn:t5']);
  assert.deepEqual(
    own.sent.map(({ chatId, text }) => [chatId, text]),
    [[LOCAL, 'text turn:t6']],
  );
  assert.deepEqual([telegram.attempts.length, own.attempts.length], [6, 1]);
  assert.equal(telegram.attempts.filter(({ deliveryKey }) => deliveryKey === arrived.deliveryKey).length, 2);
  const told = await stores.promises.get(promiseId(5));
  assert.ok(told?.status === 'completed' && told.deliveredAt !== undefined);
  assert.equal(userId('telegram:501'), telegramUser(501));
};
