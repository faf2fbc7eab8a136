import type { ChatId } from '../../domain/chat/ids.ts';
import type { PromiseId } from '../../domain/promise/promise.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { KeyValueState } from '../../ports/storage/key-value-state.ts';
import { retryWhileUnavailable } from '../loops/retry-while-unavailable.ts';

/** A session of the coding agent, and the promise that it last worked on. */
export interface CodingSession {
  readonly session: string;
  readonly promiseId: number;
}

/** The last session of the coding agent in each chat and directory. */
export const makeCodingSessions = (deps: {
  readonly state: KeyValueState;
  /** Sessions of another agent are of no use. */
  readonly agent: string;
  readonly clock: Clock;
  readonly events: Events;
}) => {
  const { state, agent, events } = deps;
  const keyOf = (chatId: ChatId, directory: string): string => `session ${chatId} ${directory}`;
  return {
    async find(chatId: ChatId, directory: string, signal: AbortSignal): Promise<CodingSession | undefined> {
      const stored = await retryWhileUnavailable(() => state.get(keyOf(chatId, directory)), deps, signal);
      const found = stored === undefined ? undefined : read(stored);
      return found?.agent === agent ? { session: found.session, promiseId: found.promiseId } : undefined;
    },

    /** Without it the work goes on: only its continuation is lost. */
    async keep(
      about: { readonly promiseId: PromiseId; readonly chatId: ChatId; readonly agent: string },
      directory: string,
      session: string,
      signal: AbortSignal,
    ): Promise<void> {
      const value = JSON.stringify({ agent, session, promiseId: about.promiseId });
      const entries = new Map([[keyOf(about.chatId, directory), value]]);
      try {
        await retryWhileUnavailable(() => state.set(entries), deps, signal);
      } catch (error) {
        events.emit({ type: 'coding-session-not-stored', ...about, reason: reasonOf(error), error });
      }
    },
  };
};

/** Undefined for what no version of Kept wrote. */
const read = (text: string): (CodingSession & { readonly agent: string }) | undefined => {
  try {
    const { agent, session, promiseId } = JSON.parse(text) as Readonly<Record<string, unknown>>;
    return typeof agent === 'string' && typeof session === 'string' && typeof promiseId === 'number'
      ? { agent, session, promiseId }
      : undefined;
  } catch {
    return undefined;
  }
};
