import { isNotAccepting } from './errors.ts';

/**
 * A crash is recovered from in seconds; what takes longer is for the supervisor, or the operator. Who asks for a stop
 * meanwhile has patience, too: `docker stop`, for ten.
 */
const PATIENCE_MS = 8_000;
const PAUSE_MS = 500;

/**
 * What `open` resolves to. While the server is there and says that it takes no connections yet, it is asked again, for
 * up to 8 s: `onWait` is called once. Everything else that `open` rejects with comes through at once.
 */
export const onceAccepting = async <T>(open: () => Promise<T>, onWait: (error: unknown) => void): Promise<T> => {
  const until = Date.now() + PATIENCE_MS;
  for (let waits = false; ; waits = true) {
    try {
      return await open();
    } catch (error) {
      if (!isNotAccepting(error) || Date.now() >= until) throw error;
      if (!waits) onWait(error);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
};
