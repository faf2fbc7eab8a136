import { Logger as ClientLogger, TelegramClient } from 'telegram';
import { LogLevel } from 'telegram/extensions/Logger.js';
import { returnBigInt } from 'telegram/Helpers.js';
import { UpdateConnectionState } from 'telegram/network/index.js';
import type { Api } from 'telegram/tl/index.js';
import { isPortError, type Notice, reasonOf } from '../../../ports/index.ts';
import { notConnected, rpcErrorOf } from './errors.ts';
import { networkParams, padWhereWanted } from './network.ts';
import { fromMemorySession, type SessionStart, type StoredSession, toMemorySession } from './session.ts';
import type { TelegramBase } from './settings.ts';
import { UpdateInlet } from './update-inlet.ts';
import { withinTime } from './within-time.ts';

/** How a connection ended: `key-forgotten` when the server does not know its key any more (transport error -404). */
export type LinkEnd = 'closed' | 'lost' | 'key-forgotten';

/** A call of the Telegram API that rejects with Telegram's own error, or with PortError `timeout` or `unavailable`. */
export type Call = <R extends Api.AnyRequest>(request: R, timeoutMs?: number) => Promise<R['__response']>;

/**
 * One connection to Telegram, from its opening to its first loss: it never reconnects, so nothing is ever resent behind
 * our back.
 */
export interface Link {
  readonly call: Call;
  readonly download: (
    location: Api.TypeInputFileLocation,
    file: { readonly dcId: number; readonly sizeBytes: number; readonly signal: AbortSignal },
  ) => Promise<Buffer>;
  readonly addressOf: (dcId: number) => Promise<SessionStart>;
  readonly session: () => StoredSession | undefined;
  /** Resolves, once, when the connection has ended. */
  readonly ended: Promise<LinkEnd>;
  readonly close: (end?: LinkEnd) => Promise<void>;
}

export interface LinkOptions {
  readonly onUpdates: (updates: Api.TypeUpdates) => void;
  /** Ends the opening of a connection; one that is open is closed by `close`. */
  readonly signal?: AbortSignal;
}

/** Closing is a matter of milliseconds; the client library might wait for more. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Of a connection on the level of TCP. */
const DIAL_TIMEOUT_MS = 10_000;

/** Telegram's own answer as it is. Whatever else is thrown is the connection's end in one of its many words. */
const said = (error: unknown): unknown =>
  isPortError(error) || rpcErrorOf(error) !== undefined ? error : notConnected(reasonOf(error), error);

/** Rejects with Telegram's own error, with PortError `unavailable` or `timeout`, or with `KeyForgotten`. */
export const openLink = async (
  { settings, timing, clock, notice }: Pick<TelegramBase, 'settings' | 'timing' | 'clock' | 'notice'>,
  start: SessionStart,
  { onUpdates, signal }: LinkOptions,
): Promise<Link> => {
  if (signal?.aborted) throw notConnected('stopped');
  const session = await toMemorySession(start);
  const end = Promise.withResolvers<LinkEnd>();
  let keyForgotten = false;
  let open = true;

  const dialTimeoutMs = Math.min(DIAL_TIMEOUT_MS, timing.openTimeoutMs);
  const client = new TelegramClient(session, settings.apiId, settings.apiHash, {
    ...networkParams(settings, start.host, dialTimeoutMs),
    // The client library tries once: how often, and when again, is decided by us.
    connectionRetries: 1,
    reconnectRetries: 0,
    autoReconnect: false,
    requestRetries: 1,
    floodSleepThreshold: 0,
    // Refuses what was sent before or belongs to another session
    // (https://core.telegram.org/mtproto/security_guidelines).
    securityChecks: true,
    timeout: dialTimeoutMs / 1000,
    baseLogger: clientLogger(notice),
    deviceModel: settings.deviceModel ?? 'Kept',
    appVersion: settings.appVersion ?? '1.0',
  });
  padWhereWanted(client, settings);
  client.updateManager = new UpdateInlet(client, onUpdates);
  client.updates.use((update: unknown) => {
    if (!(update instanceof UpdateConnectionState)) return;
    if (update.state === UpdateConnectionState.broken) keyForgotten = true;
    else if (update.state === UpdateConnectionState.disconnected && opened && !client.connected) void close('lost');
  });
  let opened = false;

  const close = async (how: LinkEnd = 'closed'): Promise<void> => {
    if (!open) return;
    open = false;
    end.resolve(keyForgotten ? 'key-forgotten' : how);
    try {
      await withinTime(clock, CLOSE_TIMEOUT_MS, 'closing a connection', client.destroy());
    } catch (error) {
      notice('connection-not-closed', { reason: reasonOf(error) });
    }
  };

  const call: Call = async (request, timeoutMs = timing.callTimeoutMs) => {
    const sender = client._sender;
    if (!open || !sender) throw notConnected('the connection was lost');
    try {
      return await withinTime(clock, timeoutMs, request.className, Promise.resolve(sender.send(request)));
    } catch (error) {
      throw said(error);
    }
  };

  const stopped = Promise.withResolvers<never>();
  const stop = (): void => stopped.reject(notConnected('stopped'));
  signal?.addEventListener('abort', stop, { once: true });
  try {
    await withinTime(clock, timing.openTimeoutMs, 'connecting', Promise.race([client.connect(), stopped.promise]));
    opened = true;
  } catch (error) {
    await close();
    if (keyForgotten) throw new KeyForgotten();
    throw said(error);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
  if (!client.connected) await close('lost');

  return {
    call,
    download: async (location, { dcId, sizeBytes, signal }) => {
      const bytes = await client.downloadFile(location, { dcId, fileSize: returnBigInt(sizeBytes), signal });
      if (!Buffer.isBuffer(bytes)) throw notConnected('the file came without its bytes');
      return bytes;
    },
    addressOf: async (dcId) => {
      const { ipAddress, port } = await withinTime(clock, timing.callTimeoutMs, 'help.GetConfig', client.getDC(dcId));
      return { dcId, host: ipAddress, port };
    },
    session: () => fromMemorySession(session),
    ended: end.promise,
    close,
  };
};

/** The server does not know the session's key any more. */
export class KeyForgotten extends Error {
  override readonly name = 'KeyForgotten';
  constructor() {
    super('Telegram does not know the key of the session');
  }
}

/** The client library's own words are details: what matters is logged by us. */
const clientLogger = (notice: Notice): ClientLogger => {
  const made = new ClientLogger(LogLevel.WARN);
  made.handler = ({ message, error }) => notice('client-said', { message, ...(error === undefined ? {} : { reason: reasonOf(error) }) });
  return made;
};
