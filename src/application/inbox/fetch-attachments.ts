import { decideAccess, originOf } from '../../domain/message/access.ts';
import type { FetchedAttachment } from '../../domain/message/attachment.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { withFetched } from '../../domain/message/with-fetched.ts';
import type { Link } from '../../domain/recall/link.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, scopeOf } from '../../domain/workspace/policy.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Stores, UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import { makeAtOnce } from '../loops/at-once.ts';
import { backoffMs } from '../loops/backoff.ts';
import { sleep } from '../loops/timers.ts';
import { gatewayFor } from '../outbox/gateway-for.ts';
import { keepLinks } from '../recall/links.ts';
import { noWork, type ScopedCorrelation } from '../telemetry/work-scopes.ts';
import { makeChatLanes } from './chat-lanes.ts';
import { makeUntilDone, waitAsked } from './until-done.ts';

export interface FetchAttachments {
  /**
   * Fetches the attachments of a message, after those of earlier messages of its chat. Does nothing if they are being
   * fetched already.
   */
  add(record: InboxMessage): void;
  /** Fetches what was not fetched before the last process ended. Rejects when the storage does. */
  start(): Promise<void>;
  /** Starts no further fetch and aborts running ones: they are repeated after the next start. */
  stop(): Promise<void>;
}

/** Larger files are not fetched. */
const MAX_BYTES = 20 * 2 ** 20;
/** The most chats whose files are fetched at once. */
const MAX_CHATS = 8;
/** How long a fetch that may still succeed is repeated. After that the message is answered without its files. */
const PATIENCE_MS = 10 * 60_000;
/** The most messages whose fetch is resumed at a start; the others wait for the next start. */
const MAX_TAKEN_UP = 10_000;

/**
 * Fetches the files of messages that are stored and allowed, and completes their texts: a message is durable before its
 * files are fetched, and its turn begins when its text is complete. What was not fetched when a process dies is fetched
 * by the next one.
 */
export const makeFetchAttachments = (deps: {
  readonly stores: Pick<Stores, 'messages'>;
  readonly unitOfWork: UnitOfWork;
  readonly gateways: readonly ChatGateway[];
  readonly policy: AccessPolicy;
  readonly clock: Clock;
  readonly redact: Redact;
  /** Default: nobody knows what work it is. */
  readonly correlation?: ScopedCorrelation;
  readonly events: Events;
  /** Called when the text of a message of that chat is complete. */
  readonly onComplete: (chatId: IncomingMessage['chat']['id']) => void;
}): FetchAttachments => {
  const { clock, correlation = noWork, events } = deps;
  const stopping = new AbortController();
  const { signal } = stopping;
  const lanes = makeChatLanes();
  const atOnce = makeAtOnce(MAX_CHATS);
  const untilDone = makeUntilDone({ clock, signal });
  const pending = new Map<string, Promise<void>>();

  const fetchFrom = async (gateway: ChatGateway, message: IncomingMessage, directory: string): Promise<readonly FetchedAttachment[]> => {
    signal.throwIfAborted();
    return (await gateway.fetchAttachments?.(message, { directory, maxBytes: MAX_BYTES, signal })) ?? [];
  };

  /** Resolves to the words for each file. Rejects when the bot stops. */
  const fetched = async (message: IncomingMessage): Promise<readonly FetchedAttachment[]> => {
    const { chat, messageId } = message;
    const gateway = gatewayFor(deps.gateways, chat.id);
    // The configuration may have changed since the message was received: files of strangers are not stored.
    if (!gateway?.fetchAttachments || !decideAccess(deps.policy, message).allowed) return [];
    const { directory } = scopeOf(deps.policy, originOf(message));
    const begun = clock.now();
    for (let failures = 1; ; failures++) {
      try {
        return await atOnce(() => fetchFrom(gateway, message, directory));
      } catch (error) {
        signal.throwIfAborted();
        const isOver = !isPortError(error) || !error.retryable || clock.now() - begun >= PATIENCE_MS;
        events.emit({ type: 'attachments-failed', chatId: chat.id, messageId, failures, isOver, reason: reasonOf(error), error });
        if (isOver) return (message.attachments ?? []).map(({ messageId: id, kind }) => ({ messageId: id, kind, words: NOT_TAKEN }));
        await sleep(clock, Math.max(backoffMs(failures), waitAsked(error)), signal);
        signal.throwIfAborted();
      }
    }
  };

  /** A name may hold a secret, too: then the words leave it out, and the place of the file is not stored. */
  const redacted = ({ path, words, ...rest }: FetchedAttachment): FetchedAttachment => ({
    ...rest,
    words: deps.redact(words),
    ...present({ path: path !== undefined && deps.redact(path) === path ? path : undefined }),
  });

  /** Completes the current text of the message: it may have been edited or deleted meanwhile. */
  const complete = ({ message: { chat, messageId } }: InboxMessage, files: readonly FetchedAttachment[]): Promise<readonly Link[]> =>
    deps.unitOfWork.run(async ({ messages, conversations, links }) => {
      const record = await messages.get(chat.id, messageId);
      if (!record) return [];
      const said = withFetched(record.message, files.map(redacted));
      const isCompleted = await messages.complete(chat.id, messageId, said);
      if (isCompleted && record.verdict) await conversations.revise(chat.id, messageId, said.text);
      return isCompleted ? keepLinks(links, { ...record.message, ...said }, { policy: deps.policy, at: clock.now() }) : [];
    });

  const fetch = async (record: InboxMessage): Promise<void> => {
    const { chat, messageId } = record.message;
    const begun = clock.now();
    const files = await fetched(record.message);
    const { length: count } = await untilDone(
      () => complete(record, files),
      (error, failures) =>
        events.emit({ type: 'inbound-retried', what: 'attachments', chatId: chat.id, failures, reason: reasonOf(error), error }),
    );
    const durationMs = clock.now() - begun;
    events.emit({ type: 'attachments-fetched', chatId: chat.id, messageId, count: files.length, durationMs });
    if (count > 0) events.emit({ type: 'link-saved', chatId: chat.id, messageId, by: 'message', count });
    deps.onComplete(chat.id);
  };

  const add = (record: InboxMessage): void => {
    const { chat, messageId } = record.message;
    const key = `${chat.id} ${messageId}`;
    if (pending.has(key) || signal.aborted) return;
    const end = lanes
      .run(chat.id, () => correlation.run(correlation.scopes.fetch(record.message, clock.now()), () => fetch(record)))
      .catch((error: unknown) => {
        if (!signal.aborted)
          events.emit({
            type: 'attachments-failed',
            chatId: chat.id,
            messageId,
            failures: 1,
            isOver: true,
            reason: reasonOf(error),
            error,
          });
      })
      .finally(() => pending.delete(key));
    pending.set(key, end);
  };

  return {
    add,
    start: async () => {
      for (const record of await deps.stores.messages.incomplete(MAX_TAKEN_UP)) add(record);
    },
    stop: async () => {
      stopping.abort(new Error('the bot was stopped'));
      await Promise.all(pending.values());
    },
  };
};

const NOT_TAKEN = '[the file was not taken: it could not be had]';
