import { PortError } from '../../ports/index.ts';

/** Asks somebody what time it is, in ms since 1970. */
export type AskTime = (signal: AbortSignal) => Promise<number>;

export interface TimeSource {
  /** Who is asked. */
  readonly by: string;
  readonly ask: AskTime;
}

/** What the clock of this machine is off by, as somebody else knows; it is ahead where that is positive. */
export interface ClockOffset {
  readonly by: string;
  readonly ms: number;
}

/** The time that a server of HTTP tells with each answer, whatever else it answers: to the second. */
export const timeOf =
  (url: string): AskTime =>
  async (signal) => {
    const headers = { 'cache-control': 'no-cache' };
    const response = await fetch(url, { method: 'HEAD', headers, signal, redirect: 'manual' });
    await response.body?.cancel();
    // A cache that answers all the same gives the date of its answer, and says in `age` how many seconds old that is.
    const at = Date.parse(response.headers.get('date') ?? '') + Number(response.headers.get('age') ?? 0) * 1_000;
    if (Number.isNaN(at)) throw new PortError('malformed-reply', 'it does not tell the time', { retryable: false });
    // It is cut to the second.
    return at + 500;
  };

/** By how much the clock is off, as one of them knows. Rejects where that one does not tell. */
export const readClockOffset = async ({ by, ask }: TimeSource, now: () => number, signal: AbortSignal): Promise<ClockOffset> => {
  const sentAt = now();
  const time = await ask(signal);
  return { by, ms: Math.round((sentAt + now()) / 2 - time) };
};
