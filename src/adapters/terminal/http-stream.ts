import { setTimeout as wait } from 'node:timers/promises';
import { doublingMs } from '../../domain/shared/backoff.ts';
import { PortError, reasonOf } from '../../ports/index.ts';
import type { ClientEvent } from './chat-client.ts';
import { draftReply, messageReply, promiseReply } from './http-replies.ts';
import { asPortError, demandOk, type Send } from './http-request.ts';
import { readEvents, type ServerSentEvent } from './server-sent-events.ts';

export interface ReconnectPolicy {
  /** The wait before the second attempt to connect; it doubles for each one after that, up to `mostMs`. */
  readonly firstMs: number;
  readonly mostMs: number;
  /** A stream that shows no sign of life for this long is taken to be dead. */
  readonly silenceMs: number;
}

/**
 * Follows a chat until the returned function is called. Its place is the last message shown: each connection resumes
 * behind it, and what the server repeats is dropped, so nothing is lost or doubled.
 */
export const followStream = (options: {
  readonly send: Send;
  readonly path: string;
  readonly listener: (event: ClientEvent) => void;
  readonly after: number | undefined;
  /** The sequence of the chat's newest message: the start for a reader without a place. */
  readonly newest: () => Promise<number>;
  readonly policy: ReconnectPolicy;
}): (() => void) => {
  const { send, path, listener, newest, policy } = options;
  const leaving = new AbortController();
  let place = options.after;
  let failures = 0;
  let lastReason: string | undefined;

  const show = (event: ClientEvent): void => {
    if (leaving.signal.aborted) return;
    if (event.type === 'message') {
      if (event.message.sequence <= (place ?? 0)) return;
      listener(event);
      place = event.message.sequence;
    } else listener(event);
  };

  const connect = async (): Promise<void> => {
    place ??= await newest();
    const silence = new AbortController();
    const watchdog = setTimeout(() => silence.abort(), policy.silenceMs);
    try {
      const signal = AbortSignal.any([leaving.signal, silence.signal]);
      const response = await send(path, { headers: { 'last-event-id': String(place) }, signal });
      await demandOk(response);
      failures = 0;
      lastReason = undefined;
      show({ type: 'connection', up: true });
      if (response.body)
        for await (const received of readEvents(response.body)) {
          watchdog.refresh();
          if (received) for (const event of toEvents(received)) show(event);
        }
      throw new PortError('unavailable', 'the server ended the connection', { retryable: true });
    } catch (error) {
      if (silence.signal.aborted) throw new PortError('timeout', 'the server has gone silent', { retryable: true, cause: error });
      throw asPortError(error, 'the chat');
    } finally {
      clearTimeout(watchdog);
    }
  };

  const follow = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      try {
        await connect();
      } catch (error) {
        if (leaving.signal.aborted) return;
        const reason = reasonOf(error);
        // Reported once: the hundredth identical failure says nothing new.
        if (reason !== lastReason) show({ type: 'connection', up: false, reason });
        lastReason = reason;
      }
      failures++;
      const waitMs = doublingMs(failures, policy.firstMs, policy.mostMs) * (1 + Math.random() / 4);
      await wait(waitMs, undefined, { signal: leaving.signal });
    }
  };
  follow().catch((error) => {
    if (!leaving.signal.aborted) throw error;
  });
  return () => leaving.abort();
};

/** Kinds of event that this version does not know are passed over; known ones must be right. */
const toEvents = ({ event, data }: ServerSentEvent): ClientEvent[] => {
  try {
    switch (event) {
      case 'message':
        return [{ type: 'message', message: messageReply.parse(JSON.parse(data)) }];
      case 'draft':
        return [{ type: 'draft', text: draftReply.parse(JSON.parse(data)).text }];
      case 'promise':
        return [{ type: 'promise', promise: promiseReply.parse(JSON.parse(data)) }];
      default:
        return [];
    }
  } catch (error) {
    throw new PortError('malformed-reply', `the server sent a ${event} that this program does not understand`, {
      retryable: false,
      cause: error,
    });
  }
};
