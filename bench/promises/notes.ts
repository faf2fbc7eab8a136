import type { Sizes } from './measure.ts';

/** How it was measured, and what the figures say. */
export const notes = ({ rounds, warmUp, drainMs, pickUps, claims }: Sizes): string => `### How

tbd ${rounds} ${warmUp} ${drainMs} ${pickUps} ${claims}`;
