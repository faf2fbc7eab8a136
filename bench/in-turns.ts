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
 * round before these does not count. Resolves to what `round` did, for each of them, in the order of the rounds.
 */
export const measureRounds = async <One, Measured>(
  all: readonly One[],
  rounds: number,
  round: (one: One) => Promise<Measured>,
): Promise<readonly (readonly Measured[])[]> => {
  const found = all.map((): Measured[] => []);
  for (let n = -1; n < rounds; n++) {
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
  return { withoutMs: median(withoutMs), withMs: median(withMs), ratio: ratioOf(withMs, withoutMs).ratio };
};

/**
 * The middle of the rounds' own ratios, and how far to either side the true one may lie (95 of 100 times it does not
 * lie further).
 */
export const ratioOf = (these: readonly number[], those: readonly number[]): { readonly ratio: number; readonly within: number } => {
  const ratios = these.map((one, round) => one / (those[round] ?? Number.NaN)).sort((a, b) => a - b);
  const half = 0.98 * Math.sqrt(ratios.length);
  const at = (place: number): number => ratios[Math.min(ratios.length - 1, Math.max(0, Math.round(place)))] ?? Number.NaN;
  const middle = (ratios.length - 1) / 2;
  return { ratio: median(ratios), within: (at(middle + half) - at(middle - half)) / 2 };
};
