import { strict as assert } from 'node:assert';
import { after, before, describe, it } from 'mocha';
import { openPostgresStorage, type PostgresStorage } from '../../../src/adapters/postgres/storage.ts';
import { makeConversationStore } from '../../../src/adapters/sql/conversation-store.ts';
import { makeKeyValueState } from '../../../src/adapters/sql/key-value-state.ts';
import { makeLocalTranscript } from '../../../src/adapters/sql/local-transcript.ts';
import { makeMessageStore } from '../../../src/adapters/sql/message-store.ts';
import { makeOutboxStore } from '../../../src/adapters/sql/outbox-store.ts';
import { makePromiseStore } from '../../../src/adapters/sql/promise-store.ts';
import { makeScheduleStore } from '../../../src/adapters/sql/schedule-store.ts';
import type { Query, Sql } from '../../../src/adapters/sql/sql.ts';
import { makeTurnStore } from '../../../src/adapters/sql/turn-store.ts';
import { makeWebhookStore } from '../../../src/adapters/sql/webhook-store.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { buildPromise, buildRecord, promiseAfter, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { freshDatabase } from '../../support/postgres.ts';

/** The plans of every statement of `ask` that has one. */
const planOf = async ({ sql }: PostgresStorage, ask: (sql: Sql) => Promise<unknown>): Promise<string> => {
  const steps: string[] = [];
  const explained =
    (query: Query): Query =>
    async (statement, params) => {
      const plan = await query<Record<string, string>>(`EXPLAIN (COSTS OFF) ${statement}`, params);
      steps.push(...plan.flatMap((line) => Object.values(line)));
      return query(statement, params);
    };
  await ask({
    ...sql,
    read: explained(sql.read),
    write: (job) => sql.write((transaction) => job({ ...transaction, query: explained(transaction.query) })),
  });
  return steps.join('\n');
};

const chat = telegramChat(501);
const A = promiseId(1);

const PLANS: readonly [what: string, index: string, ask: (sql: Sql) => Promise<unknown>][] = [
  ['promises by id', 'promises_pkey on promises', (sql) => makePromiseStore(sql).getMany([A])],
  ['promises that are locked', 'promises_pkey on promises', (sql) => makePromiseStore(sql).update([A], () => undefined)],
  [
    'promises that are saved',
    'promises_pkey on promises',
    (sql) =>
      makePromiseStore(sql).saveLocked(
        [1, 2].map((id) => promiseAfter(buildPromise({ id: promiseId(id) }), { type: 'cancel', at: START, reason: '' })),
      ),
  ],
  ['a promise by key', 'promises_by_key on promises', (sql) => makePromiseStore(sql).findByKey(chat, 'k')],
  ['waiting children', 'promise_dependencies_by_parent on promise_dependencies', (sql) => makePromiseStore(sql).waitingOn([A])],
  ['missed deadlines', 'promises_by_deadline on promises', (sql) => makePromiseStore(sql).overdue(1, 9)],
  ['the next deadline', 'promises_by_deadline on promises', (sql) => makePromiseStore(sql).nextDeadline()],
  ['promise counts', 'promises_by_status on promises', (sql) => makePromiseStore(sql).stats()],
  [
    'promises of a chat',
    'promises_by_chat on promises',
    (sql) => makePromiseStore(sql).find({ chatId: chat, newestFirst: true, limit: 9 }),
  ],
  [
    'what is in progress, the newest first',
    'promises_running on promises',
    (sql) => makePromiseStore(sql).find({ statuses: ['in_progress'], newestFirst: true, limit: 9 }),
  ],
  [
    'what has failed, the newest first',
    'promises_by_status on promises',
    (sql) => makePromiseStore(sql).find({ statuses: ['failed'], newestFirst: true, limit: 9 }),
  ],
  [
    'what has failed or was cancelled',
    'promises_by_status on promises',
    (sql) => makePromiseStore(sql).find({ statuses: ['failed', 'cancelled'], newestFirst: true, limit: 9 }),
  ],
  [
    'a tenant’s promises',
    'promises_by_tenant on promises',
    (sql) => makePromiseStore(sql).find({ tenant: 't', newestFirst: true, limit: 9 }),
  ],
  ['due schedules', 'schedules_due on schedules', (sql) => makeScheduleStore(sql).due(1, 9)],
  ['the next tick', 'schedules_due on schedules', (sql) => makeScheduleStore(sql).nextAt()],
  ['due outbox items', 'outbox_pending on outbox', (sql) => makeOutboxStore(sql).due(1, 9)],
  ['the next due outbox item', 'outbox_pending on outbox', (sql) => makeOutboxStore(sql).nextDueAt()],
  ['whether a chat has anything to be sent', 'outbox_pending on outbox', (sql) => makeOutboxStore(sql).hasPending(chat)],
  ['answers to a message', 'outbox_answers_pkey on outbox_answers', (sql) => makeOutboxStore(sql).answering(chat, telegramMessage(1))],
  ['outbox counts', 'outbox_by_status on outbox', (sql) => makeOutboxStore(sql).stats()],
  ['the next webhook event', 'webhook_events_due on webhook_events', (sql) => makeWebhookStore(sql).nextDueAt(1)],
  ['a message', 'messages_pkey on messages', (sql) => makeMessageStore(sql).get(chat, telegramMessage(1))],
  ['open messages', 'messages_open on messages', (sql) => makeMessageStore(sql).open(chat, 9)],
  ['chats with open messages', 'messages_(open|by_verdict) on messages', (sql) => makeMessageStore(sql).chatsWithOpen()],
  ['message counts', 'messages_by_verdict on messages', (sql) => makeMessageStore(sql).stats()],
  ['messages by their ids', 'messages_by_id on messages', (sql) => makeMessageStore(sql).withIds([telegramMessage(1)])],
  ['chats with a quote', 'messages_by_quoted on messages', (sql) => makeMessageStore(sql).chatsQuoting([telegramMessage(1)])],
  [
    'chats about a message',
    'conversation_by_message on conversation',
    (sql) => makeConversationStore(sql).chatsAbout([telegramMessage(1)]),
  ],
  ['chats with a reply', 'conversation_by_replied on conversation', (sql) => makeConversationStore(sql).chatsAbout([telegramMessage(1)])],
  ['recent conversation', 'conversation_by_chat on conversation', (sql) => makeConversationStore(sql).recent(chat, 9)],
  ['a chat’s usage', 'turns_by_chat on turns', (sql) => makeTurnStore(sql).usage(chat, 1)],
  [
    'a local chat from there on',
    'local_messages_chat_id_message_id_key on local_messages',
    (sql) => makeLocalTranscript(sql).list(chat, 5, 9),
  ],
  ['unreceived local messages', 'local_messages_unreceived on local_messages', (sql) => makeLocalTranscript(sql).unreceived(9)],
  ['an owner’s entries', 'key_values_pkey on key_values', (sql) => makeKeyValueState(sql, 'g').list('peer/')],
];

describe('PostgreSQL plans: frequent statements read an index, and never a whole table', function () {
  this.timeout(30_000);
  let storage: PostgresStorage;
  let drop: () => Promise<void>;
  before(async () => {
    const database = await freshDatabase();
    drop = database.drop;
    storage = await openPostgresStorage({ url: database.url });
    await storage.stores.promises.add([1, 2].map((id) => buildPromise({ id: promiseId(id) })));
    // An empty table is read alike by any index that begins with the chat: here are 300 messages, one of them open.
    for (let n = 1; n <= 300; n++) await storage.stores.messages.add(buildRecord({ messageId: telegramMessage(n) }));
    await storage.sql.write(async ({ query }) => {
      await query("UPDATE messages SET verdict = 'ignored' WHERE message_id <> 'telegram:300'");
      await query('ANALYZE messages');
    });
  });
  after(async () => {
    await storage.close();
    await drop();
  });

  for (const [what, index, ask] of PLANS)
    it(what, async () => {
      const plan = await planOf(storage, ask);
      assert.match(plan, new RegExp(`Index (Only )?Scan (Backward )?using ${index}\\b`));
      assert.doesNotMatch(plan, /Seq Scan on/);
      // Nor in the order of its keys.
      assert.doesNotMatch(plan, /using \w+_pkey on .*\n(?!.*Index Cond)/);
    });
});
