import { type Clock, type KeyValueState, type Notice, reasonOf } from '../../../ports/index.ts';

export interface Acknowledgements {
  /** Changes that depend on nothing: stored as soon as may be, and never after what is noted later. */
  note(changes: ReadonlyMap<string, string>): void;
  /**
   * Enters something that is to be acknowledged by `changes`: these are stored soon after it, and all that was entered
   * in the same sequence before it, is done. The returned function says so.
   */
  enter(sequence: string, changes: ReadonlyMap<string, string>): () => void;
  /** How much was entered and is not done. */
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
 * What is done waits so long for more: a commit for each message would hold up its answer. After a crash it comes
 * again, and is known.
 */
const GATHER_MS = 250;

/**
 * What Telegram may forget: nothing before it was received here. Chats go on side by side, so that things get done out
 * of order; what is stored is always the place up to which everything is done.
 */
export const makeAcknowledgements = (state: KeyValueState, clock: Clock, notice: Notice): Acknowledgements => {
  const sequences = new Map<string, Entry[]>();
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
    // At once with the last look: what is noted from now on begins a write of its own.
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
    enter: (sequence, changes) => {
      const entries = sequences.get(sequence) ?? [];
      sequences.set(sequence, entries);
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
      return [...sequences.values()].reduce((sum, entries) => sum + entries.length, 0);
    },
    flush,
  };
};
