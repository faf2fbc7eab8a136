import { type HttpServerOptions, makeHttpServer } from '../../src/adapters/http/index.ts';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock, systemRandomness } from '../../src/adapters/system/index.ts';
import { apiViews } from '../../src/adapters/views/index.ts';
import { cardFor } from '../../src/domain/approval/card-text.ts';
import { NOTHING } from '../../src/domain/budget/money.ts';
import {
  type AgentPromise,
  type Approval,
  type ApprovalId,
  type ApprovalStatus,
  approvalId,
  type ChatId,
  DEFAULT_LOCAL_CHAT,
  endSchedule,
  type IncomingMessage,
  isLocalChat,
  type MessageId,
  type OutboxDraft,
  ok,
  type PromiseCommand,
  type PromiseId,
  type PromiseSpec,
  type PromiseStatus,
  promiseId,
  type Schedule,
  type ScheduleId,
  type ScheduleSpec,
  scheduleId,
  transition,
  transitionApproval,
} from '../../src/domain/index.ts';
import { refuse } from '../../src/domain/shared/result.ts';
import type { AlertsReport, ChangeFeed, DeskTopic, HttpApi, LocalTranscript, StatsReport, WatchDesk } from '../../src/ports/index.ts';
import { buildApproval, buildInlet, buildPromise, buildSchedule, makeRecordingLogger } from '../../src/testing/index.ts';
import { logged } from './logged.ts';
import { checkReply } from './reply-check.ts';

/** A change feed that speaks when it is told to. */
export const makeChanges = (): ChangeFeed & { readonly tell: () => void } => {
  const listeners = new Set<() => void>();
  return {
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    tell: () => {
      for (const listener of listeners) listener();
    },
  };
};

/** A transcript in memory; given to two chats, they share it as two processes would. */
export const makeTranscript = (): LocalTranscript => makeMemoryStorage().transcript;

const NOTHING_USED = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  cost: NOTHING,
  calls: 0,
  unpriced: 0,
};

/** Approvals in a map. */
const makeScriptedApprovals = (onChange: () => void) => {
  const approvals = new Map<ApprovalId, Approval>();
  const api: Pick<HttpApi, 'listApprovals' | 'getApproval' | 'decideApproval'> = {
    listApprovals: async ({ statuses, chatId, before = Number.POSITIVE_INFINITY, limit }) =>
      [...approvals.values()]

        .filter(({ id }) => id < before)
        .filter(({ status, call }) => (statuses?.includes(status) ?? true) && (chatId ?? call.chatId) === call.chatId)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    getApproval: async (id) => approvals.get(id),
    decideApproval: async (id, verdict) => {
      const approval = approvals.get(id);
      if (!approval) return refuse('approval/not-found', `there is no approval #${id}`);
      const next = transitionApproval(approval, { type: verdict, at: Date.now(), by: 'operator' });
      if (next.ok) approvals.set(id, next.value);
      onChange();
      return next;
    },
  };
  return {
    api,
    askWith:
      (send: (card: OutboxDraft) => Promise<unknown>) =>
      async (terms: Parameters<typeof buildApproval>[0] = {}): Promise<Approval> => {
        const made = buildApproval({
          id: approvalId(approvals.size + 1),
          askedAt: Date.now(),
          expiresAt: Date.now() + 86_400_000,
          ...terms,
          call: { chatId: DEFAULT_LOCAL_CHAT, ...terms.call },
        });
        approvals.set(made.id, made);
        onChange();
        const [card] = cardFor(made, { nameOf: () => undefined, approvers: [] }, systemRandomness.id).toReversed();
        if (card && isLocalChat(made.call.chatId)) await send(card);
        return made;
      },
    statusOf: (id: ApprovalId): ApprovalStatus | undefined => approvals.get(id)?.status,
  };
};

/** Tells whoever watches the desk that everything may have changed, when the test changes something. */
const makeDesk = () => {
  const listeners = new Set<(topic: DeskTopic) => void>();
  const tellAll = (to: Iterable<(topic: DeskTopic) => void>): void => {
    for (const listener of to) for (const topic of ['promises', 'approvals', 'schedules', 'alerts', 'chats'] as const) listener(topic);
  };
  const watchDesk: WatchDesk = (listener) => {
    listeners.add(listener);
    tellAll([listener]);
    return () => listeners.delete(listener);
  };
  return { watchDesk, changed: () => tellAll(listeners) };
};

const NOTHING_HAPPENS: Pick<HttpApi, 'listAlerts' | 'reportStats' | 'reportUsage' | 'pingSelf' | 'health'> = {
  listAlerts: async (): Promise<AlertsReport> => ({ isStale: false, channels: [], alerts: [], rules: [], silences: [] }),
  reportStats: async (): Promise<StatsReport> => ({ since: 0, until: 0, rows: [] }),
  reportUsage: async ({ by = 'day' }) => ({ total: NOTHING_USED, reserved: NOTHING, by, rows: [] }),
  pingSelf: async () => ok({ local: { ms: 3, detail: 'from message to delivered answer' } }),
  health: async () => ({
    status: 'healthy',
    version: '0.1.0',
    pid: process.pid,
    uptimeMs: 1_000,
    model: 'rehearsal',
    storage: 'memory',
    checks: [{ id: 'storage.database', status: 'ok', message: 'in memory' }],
  }),
};

/** An agent without a mind: the real local chat, promises in a map, and answers that the test gives. */
export const makeScriptedApi = (onMessage: (message: IncomingMessage) => void = () => undefined) => {
  const changes = makeChanges();
  const transcript = makeTranscript();
  const logger = makeRecordingLogger();
  const chat = makeLocalChat({ transcript, clock: systemClock, randomness: systemRandomness, changes, events: logged(logger) });
  const promises = new Map<PromiseId, AgentPromise>();
  const schedules = new Map<ScheduleId, Schedule>();
  const desk = makeDesk();
  const asked = makeScriptedApprovals(desk.changed);
  const promiseListeners = new Set<(promise: AgentPromise) => void>();
  const store = (promise: AgentPromise): AgentPromise => {
    promises.set(promise.id, promise);
    for (const listener of promiseListeners) listener(promise);
    desk.changed();
    return promise;
  };
  const apply = (id: PromiseId, command: PromiseCommand) => {
    const promise = promises.get(id);
    if (!promise) return refuse('promise/not-found', `there is no promise #${id}`);
    const next = transition(promise, command);
    return next.ok ? ok(store(next.value)) : next;
  };

  const api: HttpApi = {
    postMessage: async ({ chatId, text, once }) => {
      const posted = await chat.post(chatId, text, once);
      return posted.ok ? ok({ chatId, messageId: posted.value.messageId }) : posted;
    },
    listMessages: chat.list,
    subscribe: (chatId, listener, after) => {
      const onPromise = (promise: AgentPromise): void => {
        if (promise.chatId === chatId) void listener({ type: 'promise', promise });
      };
      promiseListeners.add(onPromise);
      const unsubscribe = chat.subscribe(chatId, listener, after);
      return () => {
        promiseListeners.delete(onPromise);
        unsubscribe();
      };
    },
    watchDesk: desk.watchDesk,
    listPromises: async ({ statuses, chatId, before = Number.POSITIVE_INFINITY, limit }) =>
      [...promises.values()]
        .filter(({ id }) => id < before)
        .filter((promise) => (statuses?.includes(promise.status) ?? true) && (chatId ?? promise.chatId) === promise.chatId)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    getPromise: async (id) => promises.get(id),
    cancelPromise: async (id) => apply(id, { type: 'cancel', at: Date.now(), reason: 'cancelled by the operator' }),
    retryPromise: async (id) => apply(id, { type: 'retry', at: Date.now() }),
    listSchedules: async ({ chatId, includeEnded, before = Number.POSITIVE_INFINITY, limit }) =>
      [...schedules.values()]
        .filter(({ id }) => id < before)
        .filter((schedule) => (includeEnded || schedule.status === 'active') && (chatId ?? schedule.chatId) === schedule.chatId)
        .sort((a, b) => b.id - a.id)
        .slice(0, limit),
    cancelSchedule: async (id) => {
      const schedule = schedules.get(id);
      if (!schedule) return refuse('schedule/not-found', `there is no schedule #${id}`);
      const ended = endSchedule(schedule, Date.now());
      if (ended.ok) schedules.set(id, ended.value);
      desk.changed();
      return ended;
    },
    ...asked.api,
    ...NOTHING_HAPPENS,
  };

  return {
    api,
    chat,
    /** As the product keeps them. */
    idempotency: { keys: makeMemoryStorage().stores.requestKeys, clock: systemClock },
    changes,
    /** Something else has changed. */
    changed: desk.changed,
    transcript,
    logger,
    start: () => chat.start(buildInlet({ received: async (message) => onMessage(message) })),
    /** The agent says something. */
    say: (
      text: string,
      about: { chatId?: ChatId; replyTo?: MessageId; answers?: readonly MessageId[]; deliveryKey?: string } = {},
    ): Promise<MessageId> =>
      chat.send({
        chatId: DEFAULT_LOCAL_CHAT,
        text,
        answers: [],
        deliveryKey: systemRandomness.id(),
        ...about,
      }),
    promise: (description: string, terms: Partial<PromiseSpec> = {}): AgentPromise =>
      store(buildPromise({ id: promiseId(promises.size + 1), chatId: DEFAULT_LOCAL_CHAT, description, createdAt: Date.now(), ...terms })),
    schedule: (description: string, terms: Partial<ScheduleSpec> = {}): Schedule => {
      const id = scheduleId(schedules.size + 1);
      const made = buildSchedule({ id, chatId: DEFAULT_LOCAL_CHAT, description, createdAt: Date.now(), ...terms }, Date.now() + 3_600_000);
      schedules.set(id, made);
      desk.changed();
      return made;
    },
    /** A call waits for a decision; its card is in its chat, where that is a local one. */
    approval: asked.askWith((card) => chat.send(card)),
    approvalStatus: asked.statusOf,
    /** Starts the promise; then its fate is settled by the caller. */
    run: (id: PromiseId): void => void apply(id, { type: 'start', at: Date.now(), workerId: 'w1', leaseMs: 60_000 }),
    complete: (id: PromiseId, result: string): void => {
      const attempt = promises.get(id)?.attempts ?? 0;
      apply(id, { type: 'complete', at: Date.now(), workerId: 'w1', attempt, result });
    },
    fail: (id: PromiseId, message: string): void => {
      const attempt = promises.get(id)?.attempts ?? 0;
      apply(id, { type: 'fail', at: Date.now(), workerId: 'w1', attempt, error: { code: 'test', message }, retryable: false, jitter: 0 });
    },
    deliver: (id: PromiseId): void => {
      const promise = promises.get(id);
      if (promise) store({ ...promise, deliveredAt: Date.now() } as AgentPromise);
    },
    statusOf: (id: PromiseId): PromiseStatus | undefined => promises.get(id)?.status,
  };
};

export type ScriptedApi = ReturnType<typeof makeScriptedApi>;

/** Serves the scripted api on a free loopback port. */
export const serve = async (scripted: ScriptedApi, options: Partial<HttpServerOptions> = {}) => {
  const server = makeHttpServer({
    api: scripted.api,
    idempotency: scripted.idempotency,
    views: apiViews,
    host: '127.0.0.1',
    port: 0,
    corsOrigins: [],
    maxRequestBytes: 700_000,
    events: logged(scripted.logger),
    onReply: checkReply,
    ...options,
  });
  await scripted.start();
  const { url } = await server.listen();
  return {
    url,
    useTls: server.useTls,
    close: async (): Promise<void> => {
      await server.close();
      await scripted.chat.stop();
    },
  };
};
