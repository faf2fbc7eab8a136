import { attempting, retry } from '../sql/retry.ts';
import { isNotAccepting } from './errors.ts';

/**
 * PostgreSQL recovers from a crash in seconds; what takes longer is for the supervisor, or the operator. Whoever asks
 * this process to stop meanwhile waits at least as long: `docker stop` waits for ten.
 */
const PATIENCE_MS = 8_000;
const PAUSE_MS = 500;

/**
 * Resolves to what `open` gives. While the server says that it takes no connections yet, `open` is repeated for up to
 * 8 s, and `onWait` is called once. Any other error of `open` comes through at once.
 */
export const onceAccepting = <T>(open: () => Promise<T>, onWait: (error: unknown) => void): Promise<T> =>
  retry(attempting(open, isNotAccepting), { patienceMs: PATIENCE_MS, pauseMs: () => PAUSE_MS, onWait });
