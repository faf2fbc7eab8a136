/** Measures for how long no process answered people. */
export interface AnswerGap {
  /** Says of a process whether it answers, from now on. */
  set(name: string, answers: boolean): void;
  /** Forgets what was measured. */
  reset(): void;
  /** The longest time without anybody, in ms; one that goes on counts up to now. */
  longestMs(): number;
}

export const makeAnswerGap = (elapsed: () => number): AnswerGap => {
  const answering = new Set<string>();
  let emptySince: number | undefined = elapsed();
  let longest = 0;
  return {
    set: (name, answers) => {
      if (answers) answering.add(name);
      else answering.delete(name);
      if (answering.size === 0) emptySince ??= elapsed();
      else if (emptySince !== undefined) {
        longest = Math.max(longest, elapsed() - emptySince);
        emptySince = undefined;
      }
    },
    reset: () => {
      longest = 0;
      if (emptySince !== undefined) emptySince = elapsed();
    },
    longestMs: () => Math.max(longest, emptySince === undefined ? 0 : elapsed() - emptySince),
  };
};
