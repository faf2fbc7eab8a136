import type { Clock, Events } from '../../ports/index.ts';
import { SIGN_OF_LIFE_MS } from './protocol.ts';
import type { Slot } from './slots.ts';

/** Kills processes whose loop gives no sign of life for `limitMs`: they are started again as any that end. */
export const killStalled = (
  slots: readonly Slot[],
  { clock, events, limitMs }: { readonly clock: Clock; readonly events: Events; readonly limitMs: number },
): void => {
  const elapsed = clock.elapsed ?? clock.now;
  let lookedAt = elapsed();
  const look = (): void => {
    const now = elapsed();
    // A machine that slept tells nothing of its processes.
    const slept = now - lookedAt > 3 * SIGN_OF_LIFE_MS;
    lookedAt = now;
    for (const slot of slots) {
      if (slept) slot.heardAt = now;
      const silentMs = now - slot.heardAt;
      if (slot.state.phase !== 'running' || !slot.child || silentMs <= limitMs) continue;
      events.emit({ type: 'child-stalled', name: slot.name, child: slot.child.pid ?? 0, silentMs });
      slot.child.kill('SIGKILL');
    }
    clock.after(SIGN_OF_LIFE_MS / 2, look);
  };
  clock.after(SIGN_OF_LIFE_MS / 2, look);
};

/** For how long a store has not answered, beyond the time between two signs of life. */
export const longestSilence = (slots: readonly Slot[], now: number): number =>
  Math.max(0, ...slots.filter(({ state }) => state.phase === 'running').map(({ answeredAt }) => now - answeredAt - SIGN_OF_LIFE_MS));
