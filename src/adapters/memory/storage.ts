import { randomUUID } from 'node:crypto';
import { requireNode } from '../../domain/shared/node-version.ts';
import type { ChangeFeed, Storage, Stores } from '../../ports/index.ts';
import { makeAlertStore } from './alert-store.ts';
import { makeApprovalStore } from './approval-store.ts';
import { makeAuditLog } from './audit-log.ts';
import { makeCardStore } from './card-store.ts';
import { type MemoryChangeFeed, makeMemoryChangeFeed } from './change-feed.ts';
import { makeChatMoves } from './chat-moves.ts';
import { makeConversationStore, makeTurnStore } from './conversation-store.ts';
import { makeFactStore } from './fact-store.ts';
import { makeJournal } from './journal.ts';
import { makeKeyValueState } from './key-value-state.ts';
import { makeLedger } from './ledger.ts';
import { makeLinkStore } from './link-store.ts';
import { makeLocalTranscript } from './local-transcript.ts';
import { makeMessageStore } from './message-store.ts';
import { makeOutboxStore } from './outbox-store.ts';
import { makePairingStore } from './pairing-store.ts';
import { makeProcessRegister } from './process-register.ts';
import { makePromiseQueue } from './promise-queue.ts';
import { makePromiseStore } from './promise-store.ts';
import { makeRequestKeys } from './request-keys.ts';
import { makeScheduleStore } from './schedule-store.ts';
import { makeSketchStore } from './sketch-store.ts';
import { makeSummaryStore } from './summary-store.ts';
import { makeTables, type Tables } from './tables.ts';
import { makeUsernamePins } from './username-pins.ts';
import { makeWebhookStore } from './webhook-store.ts';

/**
 * Storage in this process's memory: everything that a durable engine promises, except durability. Units of work run one
 * after the other, values are frozen copies, and reads outside of a unit see what is committed. Searches scan all rows:
 * it is made for tests and small embeddings. While a unit of work awaits anything but the calls of its own stores,
 * every other unit waits; a unit that awaits another one never ends.
 */
export const makeMemoryStorage = (options: { readonly changes?: MemoryChangeFeed } = {}): Storage & { readonly changes: ChangeFeed } => {
  requireNode(process.versions.node);
  const { changes = makeMemoryChangeFeed() } = options;
  const open = makeTables();
  let last: Promise<unknown> = Promise.resolve();

  const commitTogether = async <T>(work: (tables: Tables) => Promise<T>): Promise<T> => {
    const { tables, ending } = open();
    try {
      const value = await work(tables);
      if (ending.commit()) changes.changed();
      return value;
    } finally {
      ending.close();
    }
  };
  const run = <T>(work: (tables: Tables) => Promise<T>): Promise<T> => {
    const turn = last.then(() => commitTogether(work));
    // The next unit runs even if this one fails; only the caller of this one is told of the failure.
    last = turn.then(ignore, ignore);
    return turn;
  };

  const { tables: committed } = open();
  const read = storesOver(committed);
  const stores = storesAlone(read, run);
  return {
    name: 'memory',
    id: randomUUID(),
    stores,
    unitOfWork: { run: (work) => run((tables) => work(storesOver(tables))) },
    queue: {
      ...makePromiseQueue(committed),
      claim: (request) => run((tables) => makePromiseQueue(tables).claim(request)),
      heartbeat: (request) => run((tables) => makePromiseQueue(tables).heartbeat(request)),
      endLeases: (workerIds, now) => run((tables) => makePromiseQueue(tables).endLeases(workerIds, now)),
      releaseLeases: (workerId, runs) => run((tables) => makePromiseQueue(tables).releaseLeases(workerId, runs)),
    },
    transcript: {
      ...makeLocalTranscript(committed),
      post: (message) => run((tables) => makeLocalTranscript(tables).post(message)),
      markReceived: (chatId, messageId) => run((tables) => makeLocalTranscript(tables).markReceived(chatId, messageId)),
    },
    state: (gateway) => ({
      ...makeKeyValueState(committed, gateway),
      set: (entries) => run((tables) => makeKeyValueState(tables, gateway).set(entries)),
    }),
    changes,
  };
};

/** Runs work as a unit of its own. */
type RunUnit = <T>(work: (tables: Tables) => Promise<T>) => Promise<T>;

/** Stores of which each call that changes something commits alone. */
const storesAlone = (read: Stores, run: RunUnit): Stores => ({
  messages: {
    ...read.messages,
    add: (record) => run((tables) => makeMessageStore(tables).add(record)),
    revise: (chatId, id, said) => run((tables) => makeMessageStore(tables).revise(chatId, id, said)),
    complete: (chatId, id, said) => run((tables) => makeMessageStore(tables).complete(chatId, id, said)),
    reopen: (chatId, id, decided) => run((tables) => makeMessageStore(tables).reopen(chatId, id, decided)),
    erase: (chatId, id, at) => run((tables) => makeMessageStore(tables).erase(chatId, id, at)),
    settle: (chatId, ids, verdict) => run((tables) => makeMessageStore(tables).settle(chatId, ids, verdict)),
    purgeDenied: (request) => run((tables) => makeMessageStore(tables).purgeDenied(request)),
  },
  conversations: {
    ...read.conversations,
    append: (entries) => run((tables) => makeConversationStore(tables).append(entries)),
    revise: (chatId, id, text) => run((tables) => makeConversationStore(tables).revise(chatId, id, text)),
    erase: (chatId, ids) => run((tables) => makeConversationStore(tables).erase(chatId, ids)),
    forget: (chatId) => run((tables) => makeConversationStore(tables).forget(chatId)),
  },
  summaries: { ...read.summaries, put: (summary, over) => run((tables) => makeSummaryStore(tables).put(summary, over)) },
  journal: {
    ...read.journal,
    append: (entries) => run((tables) => makeJournal(tables).append(entries)),
    countUsage: (id, steps) => run((tables) => makeJournal(tables).countUsage(id, steps)),
    end: (id, at, turn) => run((tables) => makeJournal(tables).end(id, at, turn)),
    purge: (request) => run((tables) => makeJournal(tables).purge(request)),
  },
  turns: { ...read.turns, add: (turn) => run((tables) => makeTurnStore(tables).add(turn)) },
  outbox: {
    ...read.outbox,
    add: (draft) => run((tables) => makeOutboxStore(tables).add(draft)),
    addMany: (drafts) => run((tables) => makeOutboxStore(tables).addMany(drafts)),
    markSent: (id, sentMessageId, at) => run((tables) => makeOutboxStore(tables).markSent(id, sentMessageId, at)),
    postpone: (id, dueAt, lastError) => run((tables) => makeOutboxStore(tables).postpone(id, dueAt, lastError)),
    giveUp: (id, at, lastError) => run((tables) => makeOutboxStore(tables).giveUp(id, at, lastError)),
  },
  promises: {
    ...read.promises,
    add: (promises) => run((tables) => makePromiseStore(tables).add(promises)),
    update: (ids, change) => run((tables) => makePromiseStore(tables).update(ids, change)),
    noteProgress: (id, workerId, progress) => run((tables) => makePromiseStore(tables).noteProgress(id, workerId, progress)),
    purge: (request) => run((tables) => makePromiseStore(tables).purge(request)),
    markDelivered: (id, at) => run((tables) => makePromiseStore(tables).markDelivered(id, at)),
  },
  cards: { ...read.cards, markShown: (id, status) => run((tables) => makeCardStore(tables).markShown(id, status)) },
  approvals: {
    ...read.approvals,
    add: (approvals) => run((tables) => makeApprovalStore(tables).add(approvals)),
    update: (ids, change) => run((tables) => makeApprovalStore(tables).update(ids, change)),
    addStanding: (standing) => run((tables) => makeApprovalStore(tables).addStanding(standing)),
    revokeStanding: (id, at, by) => run((tables) => makeApprovalStore(tables).revokeStanding(id, at, by)),
  },
  schedules: {
    ...read.schedules,
    add: (schedules) => run((tables) => makeScheduleStore(tables).add(schedules)),
    save: (schedule) => run((tables) => makeScheduleStore(tables).save(schedule)),
  },
  facts: {
    ...read.facts,
    add: (facts) => run((tables) => makeFactStore(tables).add(facts)),
    forget: (ids) => run((tables) => makeFactStore(tables).forget(ids)),
  },
  links: {
    ...read.links,
    save: (links) => run((tables) => makeLinkStore(tables).save(links)),
    remove: (tenant, key) => run((tables) => makeLinkStore(tables).remove(tenant, key)),
    erase: (...brought) => run((tables) => makeLinkStore(tables).erase(...brought)),
  },
  ledger: {
    ...read.ledger,
    add: (entries) => run((tables) => makeLedger(tables).add(entries)),
    reserve: (reservation, limits, now) => run((tables) => makeLedger(tables).reserve(reservation, limits, now)),
    renew: (ids, expiresAt) => run((tables) => makeLedger(tables).renew(ids, expiresAt)),
    release: (ids) => run((tables) => makeLedger(tables).release(ids)),
    purge: (request) => run((tables) => makeLedger(tables).purge(request)),
  },
  chatMoves: { ...read.chatMoves, add: (move) => run((tables) => makeChatMoves(tables).add(move)) },
  audit: {
    ...read.audit,
    add: (facts) => run((tables) => makeAuditLog(tables).add(facts)),
    seal: (limit) => run((tables) => makeAuditLog(tables).seal(limit)),
  },
  pairings: {
    ...read.pairings,
    offer: (pairing, limits) => run((tables) => makePairingStore(tables).offer(pairing, limits)),
    update: (userId, change) => run((tables) => makePairingStore(tables).update(userId, change)),
  },
  ...storesOfOperators(read, run),
});

type OfOperators = 'alerts' | 'requestKeys' | 'webhooks' | 'sketches' | 'processes' | 'usernames';

const storesOfOperators = (read: Stores, run: RunUnit): Pick<Stores, OfOperators> => ({
  alerts: {
    ...read.alerts,
    put: (records) => run((tables) => makeAlertStore(tables).put(records)),
    remove: (keys) => run((tables) => makeAlertStore(tables).remove(keys)),
    putDeliveries: (deliveries) => run((tables) => makeAlertStore(tables).putDeliveries(deliveries)),
    putSilence: (silence) => run((tables) => makeAlertStore(tables).putSilence(silence)),
    removeSilences: (targets) => run((tables) => makeAlertStore(tables).removeSilences(targets)),
  },
  requestKeys: {
    ...read.requestKeys,
    claim: (claim) => run((tables) => makeRequestKeys(tables).claim(claim)),
    markDone: (key, at) => run((tables) => makeRequestKeys(tables).markDone(key, at)),
    answer: (key, answer) => run((tables) => makeRequestKeys(tables).answer(key, answer)),
    release: (key) => run((tables) => makeRequestKeys(tables).release(key)),
    purge: (request) => run((tables) => makeRequestKeys(tables).purge(request)),
  },
  webhooks: {
    ...read.webhooks,
    listen: (isHeard) => run((tables) => makeWebhookStore(tables).listen(isHeard)),
    add: (drafts) => run((tables) => makeWebhookStore(tables).add(drafts)),
    markDelivered: (id, at) => run((tables) => makeWebhookStore(tables).markDelivered(id, at)),
    postpone: (id, failure) => run((tables) => makeWebhookStore(tables).postpone(id, failure)),
    giveUp: (id, failure) => run((tables) => makeWebhookStore(tables).giveUp(id, failure)),
    revive: (which, at) => run((tables) => makeWebhookStore(tables).revive(which, at)),
    purge: (request) => run((tables) => makeWebhookStore(tables).purge(request)),
  },
  sketches: {
    ...read.sketches,
    add: (measured) => run((tables) => makeSketchStore(tables).add(measured)),
    takeUnmerged: (query) => run((tables) => makeSketchStore(tables).takeUnmerged(query)),
    purge: (query) => run((tables) => makeSketchStore(tables).purge(query)),
  },
  processes: {
    ...read.processes,
    beat: (process) => run((tables) => makeProcessRegister(tables).beat(process)),
    stop: (id, at) => run((tables) => makeProcessRegister(tables).stop(id, at)),
    purge: (query) => run((tables) => makeProcessRegister(tables).purge(query)),
  },
  usernames: { ...read.usernames, pin: (username, userId) => run((tables) => makeUsernamePins(tables).pin(username, userId)) },
});

const storesOver = (tables: Tables): Stores => ({
  messages: makeMessageStore(tables),
  conversations: makeConversationStore(tables),
  summaries: makeSummaryStore(tables),
  turns: makeTurnStore(tables),
  journal: makeJournal(tables),
  outbox: makeOutboxStore(tables),
  promises: makePromiseStore(tables),
  approvals: makeApprovalStore(tables),
  cards: makeCardStore(tables),
  schedules: makeScheduleStore(tables),
  facts: makeFactStore(tables),
  links: makeLinkStore(tables),
  usernames: makeUsernamePins(tables),
  chatMoves: makeChatMoves(tables),
  audit: makeAuditLog(tables),
  ledger: makeLedger(tables),
  pairings: makePairingStore(tables),
  alerts: makeAlertStore(tables),
  webhooks: makeWebhookStore(tables),
  requestKeys: makeRequestKeys(tables),
  sketches: makeSketchStore(tables),
  processes: makeProcessRegister(tables),
});

const ignore = (): void => undefined;
