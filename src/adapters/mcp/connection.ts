import { Client, ProtocolError, SdkHttpError } from '@modelcontextprotocol/client';
import { z } from 'zod';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { PortError, type ProcessGroups } from '../../ports/index.ts';
import { connectionFailure, type Failure, helpFor, isUnknownSession, refusal, UnknownSession } from './connection-failure.ts';
import { makeHttpTransport, NO_ANSWER } from './http-transport.ts';
import type { McpServer } from './mcp-server.ts';
import { makeStdioTransport, type StdioTransport } from './stdio-transport.ts';

/** How long a server may take to answer what is no call of a tool. */
export const ANSWER_MS = 20_000;
/** How long a program may take to start: `npx` downloads its package at first. */
const START_MS = 60_000;
const PING_MS = 5_000;
const MAX_PAGES = 20;
/** More tools than any model is shown. */
const MAX_TOOLS = 1_000;

/** An open connection to a server. Once it is closed, another one must be made. */
export interface Connection {
  /** What the server lists as its tools, unchecked. Rejects with PortError. */
  list(signal: AbortSignal): Promise<readonly unknown[]>;
  /**
   * What it answers to a call, unchecked. Rejects with PortError: `timeout` also where `signal` has aborted,
   * UnknownSession where the call was not looked at.
   */
  call(request: CallRequest): Promise<unknown>;
  /** Whether it answers at all. */
  isAlive(): Promise<boolean>;
  /** Ends the connection, and a server that is a child process. Resolves when that is gone. */
  close(): Promise<void>;
}

export interface CallRequest {
  readonly tool: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  /** Names the call for a server that wants to know it again. */
  readonly callKey?: string | undefined;
  readonly progress?: ((text: string) => void) | undefined;
}

export interface ConnectionParts {
  readonly server: McpServer;
  /** Where programs start; absolute. */
  readonly directory: string;
  /** The environment of this process, of which programs get a little. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly groups: ProcessGroups;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Called once it is closed, by whomever, with what is known of the reason. */
  readonly onClosed: (reason: Failure) => void;
  readonly onListChanged: () => void;
  /** Called where its first words are not the protocol. */
  readonly onNoise: (reason: Failure) => void;
}

/** Starts a server, or reaches it. Rejects with PortError, once nothing of it is left. */
export const connect = async (parts: ConnectionParts): Promise<Connection> => {
  try {
    return await connectAs('legacy', parts);
  } catch (error) {
    if (!(error instanceof OtherEra)) throw error;
    return connectAs('auto', parts);
  }
};

/** A server that does not speak the protocol of 2025, which all others understand, but perhaps that of 2026. */
class OtherEra extends PortError {}

const connectAs = async (mode: 'legacy' | 'auto', parts: ConnectionParts): Promise<Connection> => {
  const { server, version, signal, onClosed, onListChanged } = parts;
  const transport = server.kind === 'stdio' ? stdioTransport(server, parts) : makeHttpTransport(server);
  const diagnosis = (): Failure | undefined => ('diagnosis' in transport ? transport.diagnosis() : undefined);
  const client = new Client({ name: 'kept', version }, { versionNegotiation: { mode } });
  const failure = (error: unknown): Failure => connectionFailure(error, server, diagnosis());
  const callFailure = (error: unknown): Failure => {
    const reason = failure(error);
    const hasSession = 'sessionId' in transport && transport.sessionId !== undefined;
    return hasSession && isUnknownSession(error) ? new UnknownSession(reason.code, reason.message, reason) : reason;
  };
  const closed = (): Failure => diagnosis() ?? new PortError('unavailable', CLOSED, { retryable: true, help: helpFor(server) });
  /** Lines that are no messages, answers to nothing: noise, which the server's own log explains. */
  client.onerror = () => undefined;
  client.setNotificationHandler('notifications/tools/list_changed', onListChanged);
  const close = async (): Promise<void> => {
    await client.close().catch(() => undefined);
    // A client that never connected does not know its transport.
    await transport.close().catch(() => undefined);
  };
  try {
    await client.connect(transport, { timeout: server.kind === 'stdio' ? START_MS : ANSWER_MS, signal });
  } catch (error) {
    const reason = error instanceof ProtocolError && error.code !== NO_ANSWER ? refusal(error, server) : failure(error);
    await close();
    throw mode === 'legacy' && isOtherEra(error)
      ? new OtherEra(reason.code, reason.message, { ...reason, retryable: true, cause: error })
      : reason;
  }
  if (isClosed(client)) throw closed();
  client.onclose = () => onClosed(closed());
  const isModern = client.getProtocolEra() === 'modern';
  // In this era, changes are told to those who ask for them.
  if (isModern) client.listen({ toolsListChanged: true }, { timeout: ANSWER_MS }).catch(() => undefined);
  return {
    list: (aborted) => listAll(client, aborted).catch((error: unknown) => Promise.reject(failure(error))),
    call: ({ tool, input, signal: aborted, timeoutMs, callKey, progress }) =>
      client
        .request(
          {
            method: 'tools/call',
            params: { name: tool, arguments: input, ...(callKey === undefined ? {} : { _meta: { 'kept/callKey': callKey } }) },
          },
          z.unknown(),
          { signal: aborted, timeout: timeoutMs, ...present({ onprogress: progress && heard(progress) }) },
        )
        .catch((error: unknown) => Promise.reject(callFailure(error))),
    isAlive: () => {
      const asked = isModern
        ? client.request({ method: 'tools/list', params: {} }, z.unknown(), { timeout: PING_MS })
        : client.ping({ timeout: PING_MS });
      return asked.then(
        () => true,
        // A server that does not know the method has answered, too.
        (error: unknown) => error instanceof ProtocolError,
      );
    },
    close,
  };
};

const CLOSED = 'the connection was closed';

const isClosed = (client: Client): boolean => client.transport === undefined;

/** The code of a version that is not spoken, and the answers of HTTP to what is not understood. */
const UNSUPPORTED_VERSION = -32_022;
const isOtherEra = (error: unknown): boolean =>
  error instanceof SdkHttpError
    ? [400, 404, 405, 406].includes(error.status)
    : error instanceof ProtocolError && error.code === UNSUPPORTED_VERSION;

const listAll = async (client: Client, signal: AbortSignal): Promise<readonly unknown[]> => {
  const tools: unknown[] = [];
  let cursor: string | undefined;
  if (!client.getServerCapabilities()?.tools) return tools;
  for (let page = 0; page < MAX_PAGES && tools.length < MAX_TOOLS; page++) {
    const params = present({ cursor });
    const answer = await client.request({ method: 'tools/list', params }, listSchema, { timeout: ANSWER_MS, signal });
    tools.push(...answer.tools.slice(0, MAX_TOOLS - tools.length));
    if (!answer.nextCursor || answer.nextCursor === cursor) break;
    cursor = answer.nextCursor;
  }
  return tools;
};

const listSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });

const heard =
  (progress: (text: string) => void) =>
  ({
    message,
    progress: at,
    total,
  }: {
    readonly message?: string | undefined;
    readonly progress: number;
    readonly total?: number | undefined;
  }): void => {
    const share = total !== undefined && total > 0 ? `${Math.round((at / total) * 100)} %` : '';
    const text = lineExcerpt((message ?? '').slice(0, 1_000), 200) || share;
    if (text !== '') progress(text);
  };

/** What a program needs to run at all, and to trust whom this machine trusts. Keys of Kept's own are not among it. */
const INHERITED = [
  ...['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'LANG', 'LC_ALL', 'TZ', 'TMPDIR'],
  ...['NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR'],
];

const stdioTransport = (
  { command, args, env }: Extract<McpServer, { kind: 'stdio' }>,
  { directory, env: own, groups, onNoise }: ConnectionParts,
): StdioTransport => {
  const inherited = Object.fromEntries(INHERITED.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]])));
  return makeStdioTransport({ command, args, cwd: directory, groups, onNoise, env: { ...inherited, ...env } });
};
