import type { ServerResponse } from 'node:http';

export interface EventStreamLimits {
  /** Interval of the comments that show proxies and clients that the stream is alive. */
  readonly heartbeatMs: number;
  /**
   * How long a client may read nothing before its connection is closed. It loses nothing: it resumes with
   * `Last-Event-ID`.
   */
  readonly stallMs: number;
}

/**
 * Writes frames no faster than the client reads. `write` resolves when all that waits is on its way, or the client is
 * gone.
 */
export const makeFrameWriter = (response: ServerResponse, { heartbeatMs, stallMs }: EventStreamLimits) => {
  const waiting = new Map<string, string>();
  let busy = false;
  let flushed = Promise.resolve();

  const room = (): Promise<void> =>
    new Promise((resolve) => {
      const stalled = setTimeout(() => response.destroy(), stallMs);
      const done = (): void => {
        clearTimeout(stalled);
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.once('drain', done).once('close', done);
    });
  const flush = async (): Promise<void> => {
    busy = true;
    for (const [key, frame] of waiting) {
      waiting.delete(key);
      if (response.closed || response.writableEnded) continue;
      if (!response.write(frame)) await room();
    }
    busy = false;
  };
  const write = (key: string, frame: string): Promise<void> => {
    waiting.delete(key);
    waiting.set(key, frame);
    if (!busy) flushed = flush();
    return flushed;
  };

  const heartbeat = setInterval(() => void write('heartbeat', ': still here\n\n'), heartbeatMs).unref();
  response.once('close', () => clearInterval(heartbeat));
  return { write };
};
