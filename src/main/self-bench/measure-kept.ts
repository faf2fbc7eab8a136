import { makeKept } from '../../application/index.ts';
import {
  type AccessPolicy,
  type ChatId,
  chatIdOf,
  type IncomingMessage,
  type MessageId,
  messageIdOf,
  NO_USAGE,
  operatorOnly,
  userIdOf,
} from '../../domain/index.ts';
import type { ChatGateway, Clock, Engine, LanguageModel, Randomness } from '../../ports/index.ts';
import { inTurns, type Speed } from './in-turns.ts';

/** A platform that takes no time, so that Kept alone is measured. */
const PLATFORM = 'bench';
/** In its own conversation each: so many write at once. */
const PEOPLE = 20;
/** So many promises wait at once. */
const PROMISES = 200;

/** A model that takes no time. */
const MODEL: LanguageModel = {
  name: 'bench/instant',
  respond: async () => ({ text: 'At ten.', toolCalls: [], stop: 'end', usage: NO_USAGE, model: 'instant' }),
};

const POLICY: AccessPolicy = {
  ...operatorOnly('/'),
  whitelist: {
    userIds: new Map(Array.from({ length: PEOPLE }, (_, at) => [userIdOf(PLATFORM, at + 1), { description: '', path: 'bench' }])),
    usernames: new Map(),
    defaultDirectory: '/',
  },
};

export interface KeptFigures {
  /** One person writes, and writes again when the answer is there. */
  readonly oneAtATime: Speed;
  /** Twenty people do. */
  readonly sideBySide: Speed;
  /** Promises, from made to delivered, without the work itself. */
  readonly promises: Speed;
}

/** What is being measured. */
export type KeptStep = keyof KeptFigures;

export interface MeasureOptions {
  readonly engine: Engine;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** For each of the three steps, beside a fifth of it before, which does not count. */
  readonly stepMs: number;
  readonly signal: AbortSignal;
  readonly onStep: (step: KeptStep) => void;
}

/**
 * Measures the real bot and worker on an empty database: what is received is answered and delivered, what is promised
 * is kept and delivered. Model, platform and work take no time. Rejects with the reason of `signal` once it aborts.
 */
export const measureKept = async ({ engine, clock, randomness, stepMs, signal, onStep }: MeasureOptions): Promise<KeptFigures> => {
  const platform = makePlatform();
  const kept = makeKept({
    storage: engine.storage,
    changes: engine.changes(),
    clock,
    randomness,
    policy: POLICY,
    model: MODEL,
    gateways: [platform.gateway],
    tools: [],
    executor: { execute: async () => ({ text: 'done', usage: NO_USAGE }) },
    work: { concurrency: PROMISES },
  });
  await engine.startMaintenance();
  await kept.start(signal);
  try {
    const measure = async (step: KeptStep, side: number, once: (person: number) => Promise<void>): Promise<Speed> => {
      onStep(step);
      await inTurns(side, once, stepMs / 5, signal);
      return inTurns(side, once, stepMs, signal);
    };
    const write = async (person: number): Promise<void> => {
      const message = platform.messageOf(person);
      const delivered = platform.untilDelivered(message.chat.id, message.messageId);
      await kept.receive(message);
      await delivered;
    };
    const promise = async (person: number): Promise<void> => {
      const { chat, messageId, sender } = platform.messageOf(person);
      const delivered = platform.untilDelivered(chat.id, messageId);
      const made = await kept.makePromise(
        { description: 'something' },
        { chatId: chat.id, chatKind: chat.kind, messageId, requestedBy: { id: sender.id } },
      );
      if (!made.ok) throw new Error(made.error.message);
      await delivered;
    };
    return {
      oneAtATime: await measure('oneAtATime', 1, write),
      sideBySide: await measure('sideBySide', PEOPLE, write),
      promises: await measure('promises', PROMISES, promise),
    };
  } finally {
    await kept.stop();
  }
};

/** Takes every message at once, and tells when. */
const makePlatform = () => {
  let last = 0;
  const waiting = new Map<string, () => void>();
  const keyOf = (chatId: ChatId, messageId: MessageId): string => `${chatId} ${messageId}`;
  const gateway: ChatGateway = {
    name: PLATFORM,
    limits: { draftIntervalMs: 60_000 },
    start: async () => undefined,
    send: async ({ chatId, replyTo }) => {
      if (replyTo !== undefined) waiting.get(keyOf(chatId, replyTo))?.();
      return messageIdOf(PLATFORM, ++last);
    },
    showDraft: async () => undefined,
    showTyping: async () => undefined,
    acknowledge: async () => undefined,
    stop: async () => undefined,
  };
  return {
    gateway,
    messageOf: (person: number): IncomingMessage => {
      const number = 1 + (person % PEOPLE);
      return {
        chat: { id: chatIdOf(PLATFORM, number), kind: 'direct' },
        messageId: messageIdOf(PLATFORM, ++last),
        sender: { id: userIdOf(PLATFORM, number), kind: 'person' },
        text: 'When does the train leave?',
        sentAt: Date.now(),
      };
    },
    /** Resolves with the first answer to that message. */
    untilDelivered: (chatId: ChatId, messageId: MessageId): Promise<void> => {
      const { promise, resolve } = Promise.withResolvers<void>();
      const key = keyOf(chatId, messageId);
      waiting.set(key, () => {
        waiting.delete(key);
        resolve();
      });
      return promise;
    },
  };
};
