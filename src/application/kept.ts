import type { Agent } from '../domain/agent/agent.ts';
import { DEFAULT_RETRY, type RetryPolicy } from '../domain/promise/promise.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ChangeFeed } from '../ports/change-feed.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import type { Clock } from '../ports/clock.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { type Logger, silentLogger } from '../ports/logger.ts';
import type { PromiseExecutor } from '../ports/promise-executor.ts';
import type { Randomness } from '../ports/randomness.ts';
import type { Redact } from '../ports/redact.ts';
import type { Storage } from '../ports/storage.ts';
import type { Tool } from '../ports/tool.ts';
import { CHAT_AGENT, PROMISE_AGENT } from './agents/built-in.ts';
import { makeRunAgent } from './agents/run-agent.ts';
import { makeCheckHealth, makeStatusLine } from './health/check-health.ts';
import { makeAnswerChat, type TurnSettings } from './messages/answer-chat.ts';
import { makeChatAnswerer } from './messages/answer-chats.ts';
import { type ExplainMessage, makeExplainMessage } from './messages/explain-message.ts';
import { makeReceiveMessage, type ReceiveMessage } from './messages/receive-message.ts';
import { makeOutboxDeliverer } from './outbox/deliver-outbox.ts';
import { makeAgentExecutor } from './promises/agent-executor.ts';
import { type CommandPromise, makeCancelPromise, makeRetryPromise } from './promises/command-promise.ts';
import { type MakePromise, makeDraftPromise, makeMakePromise } from './promises/make-promise.ts';
import { makePromiseWorker, type WorkerSettings } from './promises/run-promises.ts';

export interface KeptParts {
  readonly model: LanguageModel;
  readonly storage: Storage;
  readonly changes: ChangeFeed;
  readonly gateways: readonly ChatGateway[];
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Who may talk to it, and where its work is held to. */
  readonly policy: AccessPolicy;
  /** Everything below has a default: no tools, the built-in agents, silence, nothing redacted. */
  readonly tools?: readonly Tool[];
  readonly chatAgent?: Agent;
  readonly promiseAgent?: Agent;
  /** Does the work of promises; runs `promiseAgent` unless told. */
  readonly executor?: PromiseExecutor;
  readonly logger?: Logger;
  readonly redact?: Redact;
  readonly retry?: RetryPolicy;
  readonly turns?: Partial<TurnSettings>;
  readonly work?: Partial<WorkerSettings>;
}

export interface Kept {
  /** Takes up what waits in storage, then what the gateways bring. */
  start(): Promise<void>;
  /** Takes nothing new, gives what is under way `graceMs`, and hands back the rest. Nothing is lost. */
  stop(graceMs?: number): Promise<void>;
  readonly receive: ReceiveMessage;
  readonly makePromise: MakePromise;
  readonly cancelPromise: CommandPromise;
  readonly retryPromise: CommandPromise;
  readonly explain: ExplainMessage;
}

const TURNS: TurnSettings = { replyTimeoutMs: 30_000, maxHistory: 50, maxHistoryTokens: 60_000 };
const WORK: WorkerSettings = { concurrency: 10, leaseMs: 30_000, heartbeatMs: 10_000, attemptTimeoutMs: 30 * 60_000 };
const MAX_CHATS = 16;

/** Bot and worker in one, out of your parts: answers what the gateways receive, and keeps the promises that are made. */
export const makeKept = (parts: KeptParts): Kept => {
  const { model, storage, changes, gateways, clock, randomness, policy, logger = silentLogger, redact = (text) => text } = parts;
  const { tools = [], chatAgent = CHAT_AGENT, promiseAgent = PROMISE_AGENT, retry = DEFAULT_RETRY } = parts;
  const { stores, unitOfWork, queue } = storage;
  const shared = { stores, unitOfWork, queue, changes, clock, randomness, policy, logger, redact };
  const making = { ...shared, promises: stores.promises, retry };
  const runAgent = makeRunAgent({ model, tools, logger, redact });
  const receive = makeReceiveMessage({ ...shared, isOutstandingPing: () => false });
  const answerChat = makeAnswerChat({
    ...shared,
    ...{ runAgent, agent: chatAgent, draftPromise: makeDraftPromise(making) },
    statusLine: makeStatusLine({ checkHealth: makeCheckHealth(shared), clock, startedAt: clock.now() }),
    showDraft: (chatId, text) => gateways.find((gateway) => gateway.serves(chatId))?.showDraft(chatId, text),
    settings: { ...TURNS, ...parts.turns },
  });
  const answerer = makeChatAnswerer({ ...shared, messages: stores.messages, answerChat, maxChats: MAX_CHATS });
  const deliverer = makeOutboxDeliverer({ ...shared, outbox: stores.outbox, gateways, maxChats: MAX_CHATS });
  const executor = parts.executor ?? makeAgentExecutor({ ...shared, promises: stores.promises, runAgent, agent: promiseAgent });
  const worker = makePromiseWorker({ ...shared, workerId: randomness.id(), executor, settings: { ...WORK, ...parts.work } });

  return {
    async start() {
      deliverer.start();
      answerer.start();
      worker.start();
      for (const gateway of gateways) await gateway.start(async (message) => void (await receive(message)));
    },
    async stop(graceMs = 10_000) {
      for (const gateway of gateways) await gateway.stop();
      await Promise.all([answerer.stop(graceMs), worker.stop(graceMs)]);
      await deliverer.stop();
    },
    receive,
    makePromise: makeMakePromise(making),
    cancelPromise: makeCancelPromise({ ...shared, reason: 'By the program.' }),
    retryPromise: makeRetryPromise(shared),
    explain: makeExplainMessage({ stores }),
  };
};
