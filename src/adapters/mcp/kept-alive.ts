import { doublingMs } from '../../domain/shared/backoff.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { type Clock, type Events, isPortError, PortError, reasonOf } from '../../ports/index.ts';
import { type CallRequest, type Connection, type ConnectionParts, connect } from './connection.ts';
import { type Failure, UnknownSession } from './connection-failure.ts';
import { keepListing } from './kept-listing.ts';
import type { Listing } from './listed-tools.ts';

/** A server that has lived this long has not failed in a row with its next end. */
const STEADY_MS = 60_000;
const [FIRST_WAIT_MS, LONGEST_WAIT_MS] = [1_000, 60_000];
/** How long a call waits for a server that is being started. */
const CALL_WAIT_MS = 10_000;

export type ServerState =
  /** `reason`: what is wrong with its first words, if anything is. */
  | { readonly status: 'starting'; readonly reason?: string; readonly help?: string }
  | { readonly status: 'connected'; readonly connectedInMs: number }
  /** `help`: what the operator can do about it. */
  | { readonly status: 'failed'; readonly reason: string; readonly help?: string }
  | { readonly status: 'stopped' };

/** A server that is started again whenever it ends. */
export interface KeptAlive {
  readonly name: string;
  start(): void;
  /** Resolves when nothing of the server is left. */
  stop(): Promise<void>;
  /** Resolves once the first try to connect has ended. */
  readonly tried: Promise<void>;
  state(): ServerState;
  /** What it listed last, even while it is being started again. */
  listing(): Listing;
  /** Rejects with PortError; `resting` means that the call was not made. */
  call(request: CallRequest): Promise<unknown>;
}

type Parts = Omit<ConnectionParts, 'signal' | 'onClosed' | 'onListChanged' | 'onNoise'> & {
  readonly clock: Clock;
  readonly events: Events;
  readonly onListing: () => void;
};

export const keepAlive = ({ server, clock, events, onListing, ...parts }: Parts): KeptAlive => {
  const { name } = server;
  const listing = keepListing({ server: name, clock, events, onListing });
  const stopping = new AbortController();
  const { promise: tried, resolve: endFirst } = Promise.withResolvers<void>();
  let state: ServerState = { status: 'starting' };
  let current: { readonly connection: Connection; readonly since: number } | undefined;
  let attempt: Promise<void> | undefined;
  let failures = 0;
  let cancelWait = (): void => undefined;

  const tryNow = (): Promise<void> => {
    cancelWait();
    if (stopping.signal.aborted) return Promise.resolve();
    attempt ??= connectOnce().finally(() => {
      attempt = undefined;
      endFirst();
    });
    return attempt;
  };

  const connectOnce = async (): Promise<void> => {
    const startedAt = clock.now();
    state = { status: 'starting' };
    let opened: Connection | undefined;
    let ended: Failure | undefined;
    let isStale = false;
    const onClosed = (reason: Failure): void => {
      ended ??= reason;
      if (opened && current?.connection === opened) lost(reason);
    };
    const onListChanged = (): void => {
      isStale = true;
      if (opened && current?.connection === opened) readAgain(opened);
    };
    const onNoise = ({ message: reason, help }: Failure): void => {
      if (state.status === 'starting') state = { status: 'starting', reason, ...present({ help }) };
    };
    try {
      opened = await connect({ ...parts, server, signal: stopping.signal, onClosed, onListChanged, onNoise });
      isStale = false;
      listing.take(await opened.list(stopping.signal));
      if (ended !== undefined) throw ended;
    } catch (error) {
      await opened?.close();
      failed(error);
      return;
    }
    const durationMs = clock.now() - startedAt;
    current = { connection: opened, since: clock.now() };
    state = { status: 'connected', connectedInMs: durationMs };
    events.emit({ type: 'mcp-server-connected', server: name, tools: listing.current().tools.length, durationMs });
    if (isStale) readAgain(opened);
  };

  const lost = (reason: Failure): void => {
    if (current && clock.now() - current.since >= STEADY_MS) failures = 0;
    current = undefined;
    failed(reason);
  };

  const failed = (error: unknown): void => {
    if (stopping.signal.aborted) return;
    failures++;
    const waitMs = doublingMs(failures, FIRST_WAIT_MS, LONGEST_WAIT_MS);
    const reason = lineExcerpt(reasonOf(error), 500);
    state = { status: 'failed', reason, ...present({ help: isPortError(error) ? error.help : undefined }) };
    events.emit({ type: 'mcp-server-failed', server: name, failures, reason, waitMs });
    cancelWait = clock.after(waitMs, () => void tryNow());
  };

  const readAgain = (connection: Connection): void =>
    listing.readAgain(async () => {
      if (current?.connection !== connection) return undefined;
      try {
        return await connection.list(stopping.signal);
      } catch {
        await endIfSilent(connection);
        return undefined;
      }
    });

  /** A server that does not answer is ended, and started again. */
  const endIfSilent = async (connection: Connection): Promise<void> => {
    if (current?.connection === connection && !(await connection.isAlive())) await connection.close();
  };

  const connected = async (signal: AbortSignal): Promise<Connection> => {
    if (!current) await atMost(CALL_WAIT_MS, tryNow(), { clock, signal });
    if (current) return current.connection;
    throw new PortError('resting', state.status === 'failed' ? state.reason : 'it does not answer yet', { retryable: true });
  };

  const call = async (request: CallRequest, isSecond = false): Promise<unknown> => {
    const connection = await connected(request.signal);
    try {
      return await connection.call(request);
    } catch (error) {
      if (!isPortError(error)) throw error;
      if (error.code === 'timeout' || error.code === 'not-found') void endIfSilent(connection);
      const isUnknownSession = error instanceof UnknownSession;
      if (isUnknownSession || error.code === 'unavailable') await connection.close();
      if (!isUnknownSession || isSecond || request.signal.aborted) throw error;
      return call(request, true);
    }
  };

  const stop = async (): Promise<void> => {
    stopping.abort();
    cancelWait();
    endFirst();
    await attempt;
    const connection = current?.connection;
    current = undefined;
    state = { status: 'stopped' };
    await connection?.close();
  };

  return { name, start: () => void tryNow(), stop, tried, state: () => state, listing: listing.current, call: (request) => call(request) };
};

/** Waits for the work, for `ms` at the most, or until the signal aborts. */
const atMost = async (
  ms: number,
  work: Promise<void>,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> => {
  const waited = Promise.withResolvers<void>();
  const cancel = clock.after(ms, waited.resolve);
  const abort = (): void => waited.resolve();
  signal.addEventListener('abort', abort, { once: true });
  await Promise.race([work, waited.promise]);
  cancel();
  signal.removeEventListener('abort', abort);
};
