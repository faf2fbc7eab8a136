import { median } from './promises/bars.ts';

export interface Compared {
  /** The middle of all rounds. */
  readonly withoutMs: number;
  readonly withMs: number;
  /** The middle of the rounds' own ratios. */
  readonly ratio: number;
}

/**
 * Measures the same round of each of them, in turns: in each round another one is first, and another one before. One
 * round before these does not count. There are fewer rounds where `isOver` says so behind one. Resolves to what `round`
 * did, for each of them, in the order of the rounds.
 */
export const measureRounds = async <One, Measured>(
  all: readonly One[],
  rounds: number,
  round: (one: One) => Promise<Measured>,
  isOver: (done: number) => boolean = () => false,
): Promise<readonly (readonly Measured[])[]> => {
  const found = all.map((): Measured[] => []);
  for (let n = -1; n < rounds && !isOver(n); n++) {
    const first = Math.max(n, 0) % all.length;
    const turns = [...all.keys()].map((at) => (at + first) % all.length);
    for (const at of Math.floor(n / all.length) % 2 === 0 ? turns : turns.toReversed()) {
      const measured = await round(all[at] as One);
      if (n >= 0) found[at]?.push(measured);
    }
  }
  return found;
};

/** Measures the same round without something and with it. `round` resolves to how long it took, in ms. */
export const measureInTurns = async <Bot>(
  without: Bot,
  withIt: Bot,
  rounds: number,
  round: (bot: Bot) => Promise<number>,
): Promise<Compared> => {
  const [withoutMs = [], withMs = []] = await measureRounds([without, withIt], rounds, round);
  return { withoutMs: median(withoutMs), withMs: median(withMs), ratio: median(ratiosOf(withMs, withoutMs)) };
};

const ratiosOf = (these: readonly number[], those: readonly number[]): readonly number[] =>
  these.map((one, round) => one / (those[round] ?? Number.NaN));

/** Of fewer rounds, nothing can be said with 95 % confidence. */
export const LEAST_ROUNDS = 6;

/** The middle of the rounds' own ratios, and the interval that holds the true one 95 of 100 times, or more often. */
export interface Ratio {
  readonly ratio: number;
  readonly low: number;
  readonly high: number;
}

/** The interval goes by ranks: nothing is assumed of how rounds are scattered. Throws where there are too few. */
export const ratioOf = (these: readonly number[], those: readonly number[]): Ratio => {
  if (these.length < LEAST_ROUNDS) throw new Error(`${these.length} rounds are too few: at least ${LEAST_ROUNDS} are needed`);
  const ratios = ratiosOf(these, those).toSorted((a, b) => a - b);
  const half = 0.98 * Math.sqrt(ratios.length);
  const middle = (ratios.length - 1) / 2;
  const at = (place: number): number => ratios[Math.min(ratios.length - 1, Math.max(0, place))] ?? Number.NaN;
  return { ratio: median(ratios), low: at(Math.floor(middle - half)), high: at(Math.ceil(middle + half)) };
};

export type Verdict = 'met' | 'not met' | 'not decided';

/** Whether the true ratio is at most `bar`, as far as the rounds tell. */
export const verdictOf = ({ low, high }: Ratio, bar: number): Verdict => (high <= bar ? 'met' : low > bar ? 'not met' : 'not decided');

/** `1.090 (0.980–1.310)` */
export const ratioWords = ({ ratio, low, high }: Ratio): string => `${ratio.toFixed(3)} (${low.toFixed(3)}–${high.toFixed(3)})`;
