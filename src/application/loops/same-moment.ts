/** How many microtasks apart runs may be that end at the same moment: the awaits between an end and its record. */
const STEPS = 4;

/**
 * Waits a few microtasks, so that what ends at this same moment is handled together: one claim fills all free slots,
 * and one commit records all ends. With fewer steps than awaits, groups fall apart into single commits.
 */
export const sameMoment = async (): Promise<void> => {
  for (let step = 0; step < STEPS; step++) await Promise.resolve();
};
