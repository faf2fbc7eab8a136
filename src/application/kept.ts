import type { Agent } from '../domain/agent/agent.ts';
import type { TurnSettings } from '../domain/conversation/turn-settings.ts';
import type { IncomingMessage } from '../domain/message/message.ts';
import { DEFAULT_RETRY } from '../domain/promise/promise.ts';
import type { WorkerSettings } from '../domain/promise/worker-settings.ts';
import type { ChatGateway } from '../ports/chat-gateway.ts';
import type { LanguageModel } from '../ports/language-model.ts';
import { silentLogger } from '../ports/logger.ts';
import type { PromiseExecutor } from '../ports/promise-executor.ts';
import type { Tool } from '../ports/tool.ts';
import { makeRunAgent } from './agents/run-agent.ts';
import { type Bot, makeBot } from './bot.ts';
import { makeResilientModel } from './models/resilient.ts';
import { type Commands, makeCommands } from './operator-commands.ts';
import type { CoreParts } from './parts.ts';
import { makeWorker } from './worker.ts';

/** Your parts. What may be left out has a default: nothing logged or redacted, no tools, the built-in agents. */
export interface KeptParts extends Omit<CoreParts, 'logger' | 'redact' | 'retry'>, Partial<Pick<CoreParts, 'logger' | 'redact' | 'retry'>> {
  readonly model: LanguageModel;
  readonly gateways: readonly ChatGateway[];
  readonly tools?: readonly Tool[];
  readonly chatAgent?: Agent;
  readonly promiseAgent?: Agent;
  /** Does the work of promises; runs `promiseAgent` unless told. */
  readonly executor?: PromiseExecutor;
  readonly turns?: Partial<TurnSettings>;
  readonly work?: Partial<WorkerSettings>;
  /** The only messages of the agent's own that are let in; see `makeSelfPing`. */
  readonly isOutstandingPing?: (message: IncomingMessage) => boolean;
}

export interface Kept extends Bot, Commands {
  /** As for the bot; running promises have the same time, and are then handed back. Nothing is lost. It can't be started again. */
  stop(graceMs?: number): Promise<void>;
}

/** Bot, worker and commands in one, out of your parts: answers what the gateways receive, and keeps the promises that are made. */
export const makeKept = (given: KeptParts): Kept => {
  const parts = { logger: silentLogger, redact: (text: string) => text, retry: DEFAULT_RETRY, ...given };
  const { clock, randomness, logger, redact, tools = [], turns, work, chatAgent, promiseAgent } = parts;
  const model = makeResilientModel([parts.model], { clock, randomness, logger: logger.child('models') });
  const runAgent = makeRunAgent({ model, tools, logger: logger.child('agents'), redact });
  const bot = makeBot({ ...parts, runAgent, ...(turns ? { turns } : {}), ...(chatAgent ? { agent: chatAgent } : {}) });
  const worker = makeWorker({
    ...{ ...parts, runAgent, workerId: randomness.id() },
    ...(work ? { settings: work } : {}),
    ...(promiseAgent ? { agent: promiseAgent } : {}),
  });
  let started = false;
  return {
    ...makeCommands(parts),
    receive: bot.receive,
    answering: bot.answering,
    async start() {
      if (started) throw new Error('this Kept was started before; make a new one');
      started = true;
      await bot.start();
      worker.start();
    },
    stop: async (graceMs = 10_000) => void (await Promise.all([bot.stop(graceMs), worker.stop(graceMs)])),
  };
};
