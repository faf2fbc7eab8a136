import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import type { TurnId } from '../../domain/conversation/turn.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { type IncomingMessage, saidAt } from '../../domain/message/message.ts';
import type { OutboxItem } from '../../domain/outbox/outbox.ts';
import { outcomeKey } from '../../domain/promise/outcome.ts';
import { type AgentPromise, isSettled, type LeasedPromise } from '../../domain/promise/promise.ts';
import { present } from '../../domain/shared/present.ts';
import { sha256 } from '../../domain/shared/sha256.ts';
import { type Correlation, noCorrelation, type WorkRef, type WorkScope } from '../../ports/correlation.ts';

/** Where a promise says which work made it, in its metadata: a W3C `traceparent`. */
export const TRACE = 'trace';

interface MessageRef {
  readonly chatId: ChatId;
  readonly messageId: MessageId;
}

type Delivered = Pick<OutboxItem, 'id' | 'chatId' | 'answers' | 'replyTo' | 'dedupeKey'>;

/** The scopes of the work on one storage. */
export interface WorkScopes {
  /** The trace of everything that is done for a message. */
  traceOfMessage(message: MessageRef): string;
  /** An edit belongs to the trace of the message that it changes. */
  receive(message: IncomingMessage): WorkScope;
  fetch(message: IncomingMessage, at: number): WorkScope;
  /** A turn belongs to the first of its messages that has the chat of its reply; it is linked to the others. */
  turn(id: TurnId, records: readonly [InboxMessage, ...InboxMessage[]]): WorkScope;
  /** An attempt at a promise. */
  attempt(promise: LeasedPromise): WorkScope;
  /**
   * The sending of an outbox item: what tells of a promise belongs to the attempt that it tells of, a reply to its
   * turn, and what else replies to a message, to the trace of that message. `chatId` is the id that the chat had when
   * the item was made.
   */
  deliver(item: Delivered, promise: AgentPromise | undefined, at: number): WorkScope;
}

/** Knows which work the running code belongs to, and the scopes of what it begins. */
export interface ScopedCorrelation extends Correlation {
  readonly scopes: WorkScopes;
}

const spanOf = (trace: string, ...parts: readonly (string | number)[]): string => sha256([trace, ...parts].join('\n')).slice(0, 16);

/** A run of an agent, inside of `outer`; undefined outside of any work. `run` tells it from the others of `outer`. */
export const agentScope = (agent: string, outer: WorkScope | undefined, run: string): WorkScope | undefined =>
  outer && {
    name: 'agent',
    agent,
    correlationId: outer.correlationId,
    spanId: spanOf(outer.correlationId, outer.spanId, 'agent', agent, run),
    parentSpanId: outer.spanId,
  };

/** The metadata of a promise that this work makes. */
export const originFields = (scope: WorkRef | undefined): Readonly<Record<string, string>> =>
  scope ? { [TRACE]: `00-${scope.correlationId}-${scope.spanId}-01` } : {};

/**
 * The scopes of the work on the storage with that id. The ids of scopes are derived, not stored: every process on it
 * finds the same ones, whichever of them received the message, and however often one was killed in between. Another
 * storage, in which chats and messages may have the same ids, has others.
 */
export const makeWorkScopes = (storageId: string): WorkScopes => {
  const digestOf = (...parts: readonly (string | number)[]): string => sha256([storageId, ...parts].join('\n'));
  const traceOf = (...parts: readonly (string | number)[]): string => digestOf(...parts).slice(0, 32);

  /** The receiving of a message, of which everything comes that is done for it. Both ids are of one digest. */
  const messageRef = ({ chatId, messageId }: MessageRef): WorkRef => {
    const digest = digestOf('message', chatId, messageId);
    return { correlationId: digest.slice(0, 32), spanId: digest.slice(32, 48) };
  };

  /** The trace of a promise, and the work that made it, where that is known. */
  const originOf = ({ id, chatId, createdAt, metadata }: AgentPromise): Origin => {
    const stored = metadata[TRACE];
    const [, correlationId, parentSpanId] =
      (typeof stored === 'string' && /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/.exec(stored)) || [];
    return correlationId === undefined
      ? { correlationId: traceOf('promise', chatId, id, createdAt) }
      : present({ correlationId, parentSpanId });
  };

  const promiseWork = (promise: AgentPromise): LedBy => {
    const origin = originOf(promise);
    const { correlationId } = origin;
    // Settling made the version one higher.
    const attempt = attemptSpan(correlationId, promise, isSettled(promise) ? promise.version - 1 : promise.version);
    if (promise.status === 'completed' || promise.status === 'in_progress') return { correlationId, parentSpanId: attempt, links: [] };
    // It may have ended without an attempt.
    return { ...origin, links: [{ correlationId, spanId: attempt }] };
  };

  const repliedWork = ({ chatId, answers, replyTo, dedupeKey }: Delivered): LedBy => {
    const [answered] = answers;
    const turn = /^turn:(.+)$/.exec(dedupeKey)?.[1];
    if (answered !== undefined) {
      const { correlationId, spanId } = messageRef({ chatId, messageId: answered });
      return { correlationId, parentSpanId: turn === undefined ? spanId : turnSpan(correlationId, turn), links: [] };
    }
    if (replyTo === undefined) return { correlationId: traceOf('item', dedupeKey), links: [] };
    const replied = messageRef({ chatId, messageId: replyTo });
    return { correlationId: replied.correlationId, links: [replied] };
  };

  return {
    traceOfMessage: (message) => messageRef(message).correlationId,
    receive: (message) => {
      const { correlationId, spanId } = messageRef(refOf(message));
      return message.edited === undefined
        ? { name: 'receive', correlationId, spanId }
        : { name: 'receive', correlationId, spanId: spanOf(correlationId, 'edit', saidAt(message)), parentSpanId: spanId };
    },
    fetch: (message, at) => {
      const { correlationId, spanId: parentSpanId } = messageRef(refOf(message));
      return { name: 'fetch', correlationId, spanId: spanOf(correlationId, 'fetch', at), parentSpanId };
    },
    turn: (id, records) => {
      const messages = records.map(({ message }) => refOf(message)) as [MessageRef, ...MessageRef[]];
      const { chatId } = messages.at(-1) ?? messages[0];
      const first = messages.find((message) => message.chatId === chatId) ?? messages[0];
      const { correlationId, spanId: parentSpanId } = messageRef(first);
      const links = messages.filter((message) => message !== first).map(messageRef);
      return { name: 'turn', correlationId, spanId: turnSpan(correlationId, id), parentSpanId, ...present({ links: some(links) }) };
    },
    attempt: (promise) => {
      const origin = originOf(promise);
      return { name: 'promise', ...origin, spanId: attemptSpan(origin.correlationId, promise, promise.version) };
    },
    deliver: (item, promise, at) => {
      const { parentSpanId, correlationId, links } = promise ? promiseWork(promise) : repliedWork(item);
      const spanId = spanOf(correlationId, 'deliver', item.id, at);
      return { name: 'deliver', correlationId, spanId, ...present({ parentSpanId, links: some(links) }) };
    },
  };
};

/** `correlation`, with the scopes of the storage with that id. */
export const withScopes = (correlation: Correlation, storageId: string): ScopedCorrelation => ({
  run: (scope, work) => correlation.run(scope, work),
  current: () => correlation.current(),
  scopes: makeWorkScopes(storageId),
});

/** Knows of no work. */
export const noWork: ScopedCorrelation = withScopes(noCorrelation, '');

type Origin = Pick<WorkScope, 'correlationId' | 'parentSpanId'>;

interface LedBy extends Origin {
  readonly links: readonly WorkRef[];
}

const refOf = ({ chat, messageId }: IncomingMessage): MessageRef => ({ chatId: chat.id, messageId });
const turnSpan = (trace: string, id: string): string => spanOf(trace, `turn:${id}`);

/** Each claim of a promise gives it another version, also where the attempt before was handed back. */
const attemptSpan = (trace: string, { id }: AgentPromise, version: number): string => spanOf(trace, outcomeKey(id, version));

const some = <T>(list: readonly T[]): readonly T[] | undefined => (list.length > 0 ? list : undefined);
