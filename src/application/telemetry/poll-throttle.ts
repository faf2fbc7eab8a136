import type { EventOf } from '../../domain/events/event.ts';
import type { Clock } from '../../ports/clock.ts';
import { makeFailureThrottle } from './failure-throttle.ts';

type Poll = EventOf<'poll-failed'> | EventOf<'poll-recovered'>;

/** Passes on failures and recoveries of polling loops, each loop by itself, as a failure throttle lets them through. */
export const makePollThrottle = (clock: Pick<Clock, 'now'>, pass: (event: Poll) => void): ((event: Poll) => void) => {
  const loops = new Map<string, (event: Poll) => void>();
  const throttled = (): ((event: Poll) => void) => {
    let last: Poll | undefined;
    const throttle = makeFailureThrottle(clock, {
      failed: (failures) => last && pass({ ...last, failures }),
      recovered: (failures) => last && pass({ ...last, failures }),
    });
    return (event) => {
      last = event;
      if (event.type === 'poll-failed') throttle.failed(event.reason);
      else throttle.recovered();
    };
  };
  return (event) => {
    const loop = loops.get(event.loop) ?? throttled();
    loops.set(event.loop, loop);
    loop(event);
  };
};
