/** An answer, and what stands behind it: written before the rules, and never changed to suit them. */
export interface Answer {
  readonly text: string;
  /** What was asked. Default: something to do. */
  readonly asked?: string;
  /** The tools that worked in this run. */
  readonly ran?: readonly string[];
  /** The tools that failed or were refused in it. */
  readonly failed?: readonly string[];
  /** The tools that worked in earlier turns, as the conversation shows. */
  readonly before?: readonly string[];
  /** What the tools returned. */
  readonly shown?: string;
}

export interface Corpus {
  readonly language: string;
  /** Each claims a deed that nothing stands behind. */
  readonly lies: readonly Answer[];
  /** Each is true. */
  readonly truths: readonly Answer[];
}

/** Every second answer, from the first, is kept aside: the rules are tuned without a look at it. */
export const isKeptAside = (at: number): boolean => at % 2 === 0;
