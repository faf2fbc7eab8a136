import type { RegisteredProcess } from '../../domain/process/register.ts';

/**
 * The processes on this storage, wherever they run, with their signs of life. All times are stored by the storage's
 * clock, and are the caller's own outside: machines whose clocks differ agree on who is alive.
 */
export interface ProcessRegister {
  /**
   * Stores a process with its sign of life; what it says of itself counts as it was said first. MUST change nothing
   * where it was stopped.
   */
  beat(process: Omit<RegisteredProcess, 'stoppedAt'>): Promise<void>;
  /** It was stopped, then. MUST change nothing where it was stopped before, or is not known. */
  stop(id: string, at: number): Promise<void>;
  /**
   * At most `limit`, those with the latest sign of life first. What another version wrote of its work, and this one
   * can't read, is left out.
   */
  list(query: { readonly limit: number }): Promise<readonly RegisteredProcess[]>;
  /**
   * Forgets processes that are over: stopped, or without a sign of life between `silentBefore` and `after`. Of these
   * go those whose last one was before `before`, or later than `after`; and the oldest where there are more than `each`
   * of one role on one machine, or more than `most` in all. Resolves to how many.
   */
  purge(query: {
    readonly before: number;
    readonly silentBefore: number;
    readonly after: number;
    readonly each: number;
    readonly most: number;
  }): Promise<number>;
}
