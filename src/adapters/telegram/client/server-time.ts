import { Api } from 'telegram/tl/index.js';
import { type Clock, type Notice, reasonOf } from '../../../ports/index.ts';
import type { Call } from './link.ts';

/** Telegram's clock beside this machine's, of which either may be wrong, and this one may be set while it runs. */
export interface ServerTime {
  readonly isKnown: boolean;
  /** It is `date` there now, in seconds since 1970. */
  note(date: number): void;
  /** A time of Telegram's, as this machine's clock would have told it; both in whole ms since 1970. */
  onOurClock(time: number): number;
  /** Asks for the time. Never rejects: without it, both clocks count as the same. */
  ask(call: Call): Promise<void>;
  /** The same call, which notes the time where the answer tells it. */
  noting(call: Call): Call;
}

/** Clocks that agree this well count as the same: an answer tells whole seconds, and is some time on its way. */
const TOLERANCE_MS = 10_000;

export const makeServerTime = (clock: Clock, notice: Notice): ServerTime => {
  const elapsed = clock.elapsed ?? clock.now;
  /** Telegram's time when `elapsed` was 0. */
  let origin: number | undefined;
  let toldMs = 0;

  /** How much later it is there than here, in ms. */
  const ahead = (): number => {
    const ms = origin === undefined ? 0 : origin + elapsed() - clock.now();
    return Math.abs(ms) <= TOLERANCE_MS ? 0 : Math.round(ms);
  };
  const tell = (): void => {
    const ms = ahead();
    if (Math.abs(ms - toldMs) <= TOLERANCE_MS) return;
    toldMs = ms;
    const seconds = Math.round(Math.abs(ms) / 1_000);
    if (ms === 0) notice('clock-agrees', {});
    else notice(ms < 0 ? 'clock-ahead' : 'clock-behind', { seconds });
  };

  const note = (date: number): void => {
    const found = date * 1_000 - elapsed();
    if (origin === undefined || Math.abs(found - origin) > TOLERANCE_MS) origin = found;
    tell();
  };

  const noting =
    (call: Call): Call =>
    async (request, timeoutMs) => {
      const answer = await call(request, timeoutMs);
      const date = nowIn(answer);
      if (date !== undefined) note(date);
      return answer;
    };

  return {
    get isKnown() {
      return origin !== undefined;
    },
    note,
    onOurClock: (time) => time - ahead(),
    ask: async (call) => {
      try {
        await noting(call)(new Api.updates.GetState());
      } catch (error) {
        notice('clock-unknown', { reason: reasonOf(error) });
      }
    },
    noting,
  };
};

/** When an answer was given, where it tells; a slice tells how far it goes, and not when that was. */
const nowIn = (answer: unknown): number | undefined => {
  if (answer instanceof Api.updates.State || answer instanceof Api.updates.DifferenceEmpty) return answer.date;
  return answer instanceof Api.updates.Difference ? nowIn(answer.state) : undefined;
};
