import type { Clock } from '../../ports/clock.ts';
import { makeNewestOnly } from '../loops/newest-only.ts';

/** An answer that is complete earlier than this is shown only when it is complete. */
const FIRST_MS = 1_500;

/**
 * Shows a growing text: its newest state, at most once in `intervalMs`, one at a time. Without an interval, each state
 * is shown at once. `show` MUST NOT reject.
 */
export const makeGrowingDraft = (
  { clock, intervalMs }: { readonly clock: Clock; readonly intervalMs: number },
  show: (text: string) => Promise<void>,
) => {
  let shown = '';
  const drafts = makeNewestOnly<() => string>({ clock, intervalMs, firstAfterMs: Math.min(FIRST_MS, intervalMs) }, (newest) => {
    const text = newest();
    if (text === shown) return undefined;
    shown = text;
    return show(text);
  });
  return { grow: drafts.next, end: drafts.end };
};
