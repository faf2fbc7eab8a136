import { makeApprovalStore } from '../../../src/adapters/sql/approval-store.ts';
import { makeAuditLog } from '../../../src/adapters/sql/audit-log.ts';
import { makeCardStore } from '../../../src/adapters/sql/card-store.ts';
import { makeConversationStore } from '../../../src/adapters/sql/conversation-store.ts';
import { makeLocalTranscript } from '../../../src/adapters/sql/local-transcript.ts';
import { makeMessageStore } from '../../../src/adapters/sql/message-store.ts';
import { makeOutboxStore } from '../../../src/adapters/sql/outbox-store.ts';
import { makePairingStore } from '../../../src/adapters/sql/pairing-store.ts';
import { makeProcessRegister } from '../../../src/adapters/sql/process-register.ts';
import { makePromiseStore } from '../../../src/adapters/sql/promise-store.ts';
import { makeScheduleStore } from '../../../src/adapters/sql/schedule-store.ts';
import { makeSketchStore } from '../../../src/adapters/sql/sketch-store.ts';
import { type Sql, within } from '../../../src/adapters/sql/sql.ts';
import { makeWebhookStore } from '../../../src/adapters/sql/webhook-store.ts';
import { makeSqliteQueue } from '../../../src/adapters/sqlite/queue.ts';
import { type AuditFilter, promiseId } from '../../../src/domain/index.ts';
import { buildAuditFact, buildPromise, START, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

const chat = telegramChat(501);
const heartbeat = { workerId: 'w1', ids: [promiseId(1)], now: 1, leaseMs: 1 };
const queueOver = (sql: Sql) => makeSqliteQueue({ sql, promisesIn: (transaction) => makePromiseStore(within(sql.dialect, transaction)) });

/** One of two promises of a tenant is in progress, which is as many as there may be. */
const behindFullTenant = async (sql: Sql) => {
  await makePromiseStore(sql).add([1, 2].map((id) => buildPromise({ id: promiseId(id) })));
  for (const _ of [1, 2]) await queueOver(sql).claim({ ...heartbeat, now: START, limit: 1, tenantConcurrency: 1 });
};

const sealing = async (sql: Sql): Promise<void> => {
  await makeAuditLog(sql).add([buildAuditFact()]);
  await makeAuditLog(sql).seal(9);
};
const auditing = (filter: Omit<AuditFilter, 'limit'>) => (sql: Sql) => makeAuditLog(sql).read({ limit: 9, ...filter });

/** Frequent statements, a step of each plan, and what asks for it. */
export const PLANS: readonly [what: string, step: RegExp, ask: (sql: Sql) => Promise<unknown>][] = [
  ['cards that are behind', /SEARCH approvals USING INDEX approvals_card_behind \(id>\?\)/, (sql) => makeCardStore(sql).behind(0, 9)],
  [
    'who asks to be let in',
    /SEARCH pairings USING INDEX pairings_by_status \(status=\?\)/,
    (sql) => makePairingStore(sql).list({ statuses: ['asked'], limit: 9 }),
  ],
  ['who was let in', /SEARCH pairings USING INDEX pairings_by_status \(status=\?\)/, (sql) => makePairingStore(sql).paired()],
  ['the person of a code', /SEARCH pairings USING INDEX pairings_by_code \(code=\?\)/, (sql) => makePairingStore(sql).byCode('K7QF2MXD')],
  [
    'what was measured within a span of time',
    /SEARCH sketches USING INDEX sketches_by_time \(until_at>\? AND until_at<\?\)/,
    (sql) => makeSketchStore(sql).between({ after: 1, upTo: 2, limit: 9 }),
  ],
  [
    'the next page of it',
    /SEARCH sketches USING INDEX sketches_by_time \(\(until_at,id\)>\(\?,\?\) AND until_at<\?\)/,
    (sql) => makeSketchStore(sql).between({ after: 1, upTo: 2, limit: 9, behind: { until: 1, id: 'a' } }),
  ],
  [
    'what was measured and is not merged',
    /SEARCH sketches USING COVERING INDEX sketches_unmerged \(version=\? AND until_at<\?\)/,
    (sql) => makeSketchStore(sql).takeUnmerged({ upTo: 2, limit: 9 }),
  ],
  [
    'what was measured too long ago',
    /SEARCH sketches USING COVERING INDEX sketches_by_time \(until_at<\?\)/,
    (sql) => makeSketchStore(sql).purge({ before: 1, after: 2, limit: 9 }),
  ],
  [
    'the processes with the latest sign of life',
    /SCAN processes USING INDEX processes_by_heartbeat/,
    (sql) => makeProcessRegister(sql).list({ limit: 9 }),
  ],
  ['what waits to be sealed', /SCAN audit_log USING (?:COVERING )?INDEX audit_log_unsealed/, (sql) => makeAuditLog(sql).seal(9)],
  ['the end of the audit log', /SEARCH audit_log USING INDEX audit_log_by_seq \(seq>\?\)/, sealing],
  ['the rows of the audit log behind a number', /SEARCH audit_log USING INDEX audit_log_by_seq \(seq>\?\)/, auditing({ after: 7 })],
  ['the newest rows of the audit log', /SEARCH audit_log USING INDEX audit_log_by_seq \(seq>\?\)/, auditing({ newestFirst: true })],
  ['the audit log since a time', /SEARCH audit_log USING COVERING INDEX audit_log_by_time \(at>\?\)/, auditing({ since: 7 })],
  ['the audit log of a chat', /SEARCH audit_log USING INDEX audit_log_by_chat \(chat_id=\? AND seq>\?\)/, auditing({ chatId: chat })],
  ['the audit log of a kind', /SEARCH audit_log USING INDEX audit_log_by_kind \(kind=\? AND seq>\?\)/, auditing({ kinds: ['denied'] })],
  [
    'a claim',
    /SEARCH promises USING INDEX promises_due \(priority=\? AND task_type=\? AND due_at<\?\)/,
    async (sql) => {
      await makePromiseStore(sql).add([buildPromise()]);
      await queueOver(sql).claim({ ...heartbeat, now: START, limit: 9 });
    },
  ],
  [
    'a claim where a tenant has all its places',
    /SEARCH promises USING COVERING INDEX promises_pending \(priority=\? AND tenant=\? AND task_type=\? AND due_at<\?\)/,
    behindFullTenant,
  ],
  ['the leap to the next tenant', /SEARCH promises USING COVERING INDEX promises_pending \(priority=\? AND tenant>\?\)/, behindFullTenant],
  [
    'the next due promise',
    /SEARCH promises USING COVERING INDEX promises_due \(priority=\? AND task_type>\?\)/,
    (sql) => queueOver(sql).nextDueAt(),
  ],
  ['a heartbeat', /SEARCH promises USING INTEGER PRIMARY KEY/, (sql) => queueOver(sql).heartbeat(heartbeat)],
  [
    'letting go',
    /SEARCH promises USING INTEGER PRIMARY KEY/,
    (sql) => queueOver(sql).releaseLeases('w1', [{ id: promiseId(1), attempts: 1 }]),
  ],
  ['what a worker holds', /SEARCH promises USING INTEGER PRIMARY KEY/, (sql) => queueOver(sql).stillLeased('w1', [promiseId(1)])],
  ['who holds leases', /SCAN promises USING INDEX promises_running/, (sql) => queueOver(sql).leaseHolders()],
  [
    'who holds leases that settled promises keep',
    /SEARCH promises USING INDEX promises_by_status \(status=\?\)\n(.*\n)+.*SEARCH promises USING INDEX promises_by_status \(status=\?\)/,
    (sql) => queueOver(sql).leaseHolders(),
  ],
  [
    'the end of dead leases that settled promises keep',
    /SEARCH promises USING INTEGER PRIMARY KEY .*(\n.*)*SEARCH promises USING INDEX promises_by_status \(status=\?\)/,
    (sql) => queueOver(sql).endLeases(['w1'], 1),
  ],
  ['the end of dead leases', /SCAN promises USING INDEX promises_running/, (sql) => queueOver(sql).endLeases(['w1'], 1)],
  ['promises by id', /SEARCH promises USING INTEGER PRIMARY KEY/, (sql) => makePromiseStore(sql).getMany([promiseId(1)])],
  ['a promise by key', /SEARCH promises USING INDEX promises_by_key/, (sql) => makePromiseStore(sql).findByKey(chat, 'k')],
  [
    'waiting children',
    /SEARCH promise_dependencies USING .*promise_dependencies_by_parent/,
    (sql) => makePromiseStore(sql).waitingOn([promiseId(1)]),
  ],
  [
    'outcomes that were given up in a chat',
    /SCAN promises USING INDEX promises_undelivered\n.*\n.*SEARCH outbox USING INDEX outbox_by_promise \(promise_id=\?\)/,
    (sql) => makePromiseStore(sql).lostOutcomes(chat, 9),
  ],
  [
    'outcomes that have not reached their chats',
    /SCAN promises USING INDEX promises_undelivered\n(.*\n)*.*SEARCH outbox (EXISTS )?USING INDEX outbox_by_promise \(promise_id=\?\)/,
    (sql) => makePromiseStore(sql).countUndelivered({ storedBefore: 1, failedAfter: 0, limit: 9 }),
  ],
  [
    'what may be purged',
    /SEARCH promises USING INDEX promises_settled \(completed_at>\? AND completed_at<\?\)\n.*\n.*SEARCH outbox USING INDEX outbox_by_promise/,
    (sql) => makePromiseStore(sql).purgeable({ settledBefore: 1, undeliveredBefore: 0, limit: 9 }),
  ],
  ['missed deadlines', /SEARCH promises USING INDEX promises_by_deadline/, (sql) => makePromiseStore(sql).overdue(1, 9)],
  ['the next deadline', /SEARCH promises USING (COVERING )?INDEX promises_by_deadline/, (sql) => makePromiseStore(sql).nextDeadline()],
  ['approvals that are over', /SEARCH approvals USING INDEX approvals_asked \(expires_at<\?\)/, (sql) => makeApprovalStore(sql).due(1, 9)],
  ['the next approval to expire', /SEARCH approvals USING COVERING INDEX approvals_asked/, (sql) => makeApprovalStore(sql).nextExpiry()],
  ['what guards a promise', /SEARCH approvals USING INDEX approvals_by_promise/, (sql) => makeApprovalStore(sql).ofPromise(promiseId(1))],
  [
    'what guards promises that end',
    /SEARCH approvals USING INDEX approvals_by_promise/,
    (sql) => makeApprovalStore(sql).openOf([promiseId(1)]),
  ],
  [
    'approvals of a chat',
    /SEARCH approvals USING INDEX approvals_by_chat/,
    (sql) => makeApprovalStore(sql).list({ chatId: chat, limit: 9 }),
  ],
  ['how many approvals wait in a chat', /SEARCH approvals USING INDEX approvals_by_chat/, (sql) => makeApprovalStore(sql).countAsked(chat)],
  [
    'a standing approval',
    /SEARCH standing_approvals USING INDEX standing_approvals_by_chat \(chat_id=\? AND tool=\?\)/,
    (sql) => makeApprovalStore(sql).standingFor({ chatId: chat, tool: 'send', directory: '/srv' }, 1),
  ],
  ['due schedules', /SEARCH schedules USING INDEX schedules_due/, (sql) => makeScheduleStore(sql).due(1, 9)],
  ['the next tick', /SEARCH schedules USING COVERING INDEX schedules_due/, (sql) => makeScheduleStore(sql).nextAt()],
  [
    'promise counts',
    /SCAN promises USING COVERING INDEX promises_(due|pending)\n(.*\n)*SEARCH promises USING COVERING INDEX promises_by_status \(status=\?\)/,
    (sql) => makePromiseStore(sql).stats(),
  ],
  ['promises of a chat', /SEARCH promises USING INDEX promises_by_chat/, (sql) => makePromiseStore(sql).find({ chatId: chat, limit: 9 })],
  [
    'what is in progress, the newest first',
    /(SCAN|SEARCH) promises USING INDEX promises_running/,
    (sql) => makePromiseStore(sql).find({ statuses: ['in_progress'], newestFirst: true, limit: 9 }),
  ],
  [
    'what is pending, the newest first',
    /SCAN promises USING INDEX promises_open$/m,
    (sql) => makePromiseStore(sql).find({ statuses: ['pending'], newestFirst: true, limit: 9 }),
  ],
  [
    'what has failed or was cancelled',
    /SEARCH promises USING INTEGER PRIMARY KEY(.*\n)+.*SEARCH promises USING COVERING INDEX promises_by_status \(status=\?\)/,
    (sql) => makePromiseStore(sql).find({ statuses: ['failed', 'cancelled'], newestFirst: true, limit: 9 }),
  ],
  [
    'what is in progress or has failed',
    /SCAN promises USING COVERING INDEX promises_running\n(.*\n)*.*SEARCH promises USING COVERING INDEX promises_by_status \(status=\?\)/,
    (sql) => makePromiseStore(sql).find({ statuses: ['in_progress', 'failed'], newestFirst: true, limit: 9 }),
  ],
  [
    'a tenant’s promises',
    /SEARCH promises USING INDEX promises_by_tenant \(tenant=\?\)/,
    (sql) => makePromiseStore(sql).find({ tenant: 't', newestFirst: true, limit: 9 }),
  ],
  ['due outbox items', /SCAN outbox USING (COVERING )?INDEX outbox_pending/, (sql) => makeOutboxStore(sql).due(1, 9)],
  ['the next due outbox item', /SCAN outbox USING (COVERING )?INDEX outbox_pending/, (sql) => makeOutboxStore(sql).nextDueAt()],
  ['answers to a message', /SEARCH outbox_answers USING PRIMARY KEY/, (sql) => makeOutboxStore(sql).answering(chat, telegramMessage(1))],
  [
    'outbox counts',
    /SEARCH outbox USING COVERING INDEX outbox_by_status \(status=\?\)\n(.*\n)*SCAN outbox USING COVERING INDEX outbox_pending/,
    (sql) => makeOutboxStore(sql).stats(),
  ],
  ['open messages', /SEARCH messages USING (COVERING )?INDEX messages_open \(chat_id=\?\)/, (sql) => makeMessageStore(sql).open(chat, 9)],
  ['chats with open messages', /SCAN messages USING INDEX messages_open/, (sql) => makeMessageStore(sql).chatsWithOpen()],
  [
    'messages by their ids',
    /SEARCH messages USING INDEX messages_by_id \(message_id=\?\)[\s\S]*SEARCH part USING .*INDEX message_parts_by_part \(part_id=\?\)/,
    (sql) => makeMessageStore(sql).withIds([telegramMessage(1)]),
  ],
  [
    'messages by their ids in a chat',
    /SEARCH messages USING INDEX sqlite_autoindex_messages_1 \(chat_id=\? AND message_id=\?\)/,
    (sql) => makeMessageStore(sql).withIds([telegramMessage(1)], chat),
  ],
  [
    'chats with a quote of a message',
    /SEARCH messages USING (COVERING )?INDEX messages_by_quoted \(reply_to=\?\)/,
    (sql) => makeMessageStore(sql).chatsQuoting([telegramMessage(1)]),
  ],
  [
    'quotes of a message',
    /SEARCH messages USING (COVERING )?INDEX messages_by_quoted \(reply_to=\? AND chat_id=\?\)/,
    (sql) => makeMessageStore(sql).eraseQuotes(chat, [telegramMessage(1)]),
  ],
  [
    'chats about a message',
    /SEARCH conversation USING (COVERING )?INDEX conversation_by_message \(message_id=\?\)/,
    (sql) => makeConversationStore(sql).chatsAbout([telegramMessage(1)]),
  ],
  [
    'chats with a reply to a message',
    /SEARCH conversation USING (COVERING )?INDEX conversation_by_replied \(replied_id=\?\)/,
    (sql) => makeConversationStore(sql).chatsAbout([telegramMessage(1)]),
  ],
  [
    'the next webhook event',
    /SEARCH webhook_events USING INDEX webhook_events_due \(due_at>\?\)/,
    (sql) => makeWebhookStore(sql).nextDueAt(1),
  ],
  ['message counts', /SCAN messages USING COVERING INDEX messages_by_verdict/, (sql) => makeMessageStore(sql).stats()],
  ['recent conversation', /SEARCH conversation USING INDEX conversation_by_chat/, (sql) => makeConversationStore(sql).recent(chat, 9)],
  [
    'a local chat from there on',
    /SEARCH local_messages USING INDEX .*\(chat_id=\? AND sequence>\?\)/,
    (sql) => makeLocalTranscript(sql).list(chat, 5, 9),
  ],
  [
    'unreceived local messages',
    /SCAN local_messages USING INDEX local_messages_unreceived/,
    (sql) => makeLocalTranscript(sql).unreceived(9),
  ],
];
