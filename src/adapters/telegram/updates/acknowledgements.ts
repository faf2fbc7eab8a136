import { type Clock, type KeyValueState, type Notice, reasonOf } from '../../../ports/index.ts';

export interface Acknowledgements {
  /** Stores changes that depend on nothing: at once, and never after what is noted later. */
  note(changes: ReadonlyMap<string, string>): void;
  /**
   * Enters something that `changes` acknowledge. They are stored soon after it is done, and all that was entered in the
   * same stream before it. The returned function says that it is done.
   */
  enter(stream: string, changes: ReadonlyMap<string, string>): () => void;
  /** How many entries are not done. */
  readonly open: number;
  /** Resolves when everything that may be stored is. */
  flush(): Promise<void>;
}

interface Entry {
  readonly changes: ReadonlyMap<string, string>;
  done: boolean;
}

const RETRY_MS = 1_000;
/**
 * What is done waits so long for more to be stored with it: a commit for each message would delay its answer. After a
 * crash the message comes again, and is known.
 */
const GATHER_MS = 250;

/**
 * Tells Telegram what it may forget: only what was received here. Chats are worked on side by side, so messages are
 * done out of order; the stored checkpoint is always the one up to which everything is done.
 */
export const makeAcknowledgements = (state: KeyValueState, clock: Clock, notice: Notice): Acknowledgements => {
  const streams = new Map<string, Entry[]>();
  let dirty = new Map<string, string>();
  let writing: Promise<void> | undefined;
  let cancelTimer: (() => void) | undefined;

  const write = async (): Promise<void> => {
    while (dirty.size > 0) {
      const changes = dirty;
      dirty = new Map();
      try {
        await state.set(changes);
      } catch (error) {
        dirty = new Map([...changes, ...dirty]);
        notice('checkpoint-not-stored', { reason: reasonOf(error) });
        flushIn(RETRY_MS);
        break;
      }
    }
    // In the same step as the last check: what is noted from now on begins its own write.
    writing = undefined;
  };
  const flush = (): Promise<void> => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (dirty.size > 0) writing ??= Promise.resolve().then(write);
    return writing ?? Promise.resolve();
  };
  const flushIn = (ms: number): void => {
    cancelTimer ??= clock.after(ms, () => void flush());
  };

  return {
    note: (changes) => {
      for (const [key, value] of changes) dirty.set(key, value);
      if (changes.size > 0) void flush();
    },
    enter: (stream, changes) => {
      const entries = streams.get(stream) ?? [];
      streams.set(stream, entries);
      const entry: Entry = { changes, done: false };
      entries.push(entry);
      return () => {
        entry.done = true;
        const waiting = entries.findIndex(({ done }) => !done);
        const settled = entries.splice(0, waiting < 0 ? entries.length : waiting);
        for (const { changes } of settled) for (const [key, value] of changes) dirty.set(key, value);
        if (settled.length > 0) flushIn(GATHER_MS);
      };
    },
    get open() {
      return [...streams.values()].reduce((sum, entries) => sum + entries.length, 0);
    },
    flush,
  };
};
