import { median } from './promises/bars.ts';

export interface Compared {
  /** The middle of all rounds. */
  readonly withoutMs: number;
  readonly withMs: number;
  /** The middle of the rounds' own ratios. */
  readonly ratio: number;
}

/**
 * Measures the same round without something and with it, in turns: each is first as often as the other. One round
 * before these does not count. `round` resolves to how long it took, in ms.
 */
export const measureInTurns = async <Bot>(
  without: Bot,
  withIt: Bot,
  rounds: number,
  round: (bot: Bot) => Promise<number>,
): Promise<Compared> => {
  const took: { readonly withoutMs: number; readonly withMs: number }[] = [];
  for (let n = -1; n < rounds; n++) {
    let [withoutMs, withMs] = [0, 0];
    if (n % 2 === 0) {
      withoutMs = await round(without);
      withMs = await round(withIt);
    } else {
      withMs = await round(withIt);
      withoutMs = await round(without);
    }
    if (n >= 0) took.push({ withoutMs, withMs });
  }
  return {
    withoutMs: median(took.map((each) => each.withoutMs)),
    withMs: median(took.map((each) => each.withMs)),
    ratio: median(took.map((each) => each.withMs / each.withoutMs)),
  };
};
