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
    const response = await fetch(url, { method: 'HEAD', signal, redirect: 'manual' });
    await response.body?.cancel();
    const at = Date.parse(response.headers.get('date') ?? '');
    if (Number.isNaN(at)) throw new PortError('malformed-reply', 'it does not tell the time', { retryable: false });
    // It is cut to the second.
    return at + 500;
  };

/** By how much the clock is off, as one of them knows. Rejects where that one does not tell. */
export const readClockOffset = async ({ by, ask }: TimeSource, now: () => number, signal: AbortSignal): Promise<ClockOffset> => {
  const sentAt = now();
  const told = await ask(signal);
  return { by, ms: Math.round((sentAt + now()) / 2 - told) };
};
