import { ProtocolError, SdkError, SdkErrorCode, SdkHttpError, UnauthorizedError } from '@modelcontextprotocol/client';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { isConnectionFailure, isRefusedPort } from '../../ports/adapter-kit/http-failure.ts';
import { isPortError, PortError, reasonOf } from '../../ports/index.ts';
import { NO_ANSWER } from './http-transport.ts';
import type { McpServer } from './mcp-server.ts';

/** What went wrong, where, and in `help` what the operator can do about it. */
export type Failure = PortError;

/** A failure in words, which name of the server's address its host at most. */
export const connectionFailure = (error: unknown, server: McpServer, diagnosis: Failure | undefined): Failure => {
  if (isPortError(error)) return error.help === undefined && error.code === 'malformed-reply' ? withHelp(error, helpFor(server)) : error;
  if (error instanceof UnauthorizedError) return httpFailure(401, server);
  if (error instanceof SdkHttpError) return httpFailure(error.status, server);
  if (error instanceof ProtocolError && error.code === NO_ANSWER) return unavailable(CUT, LOOK);
  if (error instanceof ProtocolError) return errorFailure(error, server);
  if (error instanceof SdkError && error.code === SdkErrorCode.RequestTimeout) return late(server, diagnosis);
  if (diagnosis) return diagnosis;
  if (isMisshapen(error)) return malformed(server);
  if (error instanceof SdkError) return unavailable('the connection ended', helpFor(server));
  return server.kind === 'http' ? fetchFailure(error, server) : unavailable(lineExcerpt(reasonOf(error), 300), helpFor(server));
};

const unavailable = (words: string, help: string, cause?: unknown): Failure =>
  new PortError('unavailable', words, { retryable: true, help, cause });

const refused = (words: string, help: string): Failure => new PortError('invalid-request', words, { retryable: false, help });

/** A parse error, an invalid request, no such method, and invalid parameters: with these, nothing was begun. */
const REFUSALS: readonly number[] = [-32_700, -32_600, -32_601, -32_602];

/** An error of JSON-RPC. Any but a refusal may come from the middle of the work. */
const errorFailure = ({ code, message }: ProtocolError, server: McpServer): Failure => {
  const words = wordsOf(message);
  return REFUSALS.includes(code)
    ? refused(words, helpFor(server))
    : new PortError('unknown', `it answers with an error: ${words.replace(/\.$/, '')}`, { retryable: true, help: helpFor(server) });
};

const wordsOf = (message: string): string => lineExcerpt(message.slice(0, 2_000), 500);

/** An HTTP server does not know the session of a call, and has not looked at the call. */
export class UnknownSession extends PortError {}

/** Only where the server gave a session: 404, as the protocol says, or 400 and a word about it, as many do. */
export const isUnknownSession = (error: unknown): boolean =>
  error instanceof SdkHttpError && (error.status === 404 || (error.status === 400 && /session/i.test(String(error.data.text))));

/** Of a connection. A server that does not know the first request of the protocol is none. */
export const refusal = ({ message }: ProtocolError, { kind }: McpServer): Failure =>
  refused(`it refuses the connection: ${wordsOf(message)}`, kind === 'stdio' ? NO_SERVER : helpFor({ kind }));

const withHelp = ({ code, message, retryable, cause }: Failure, help: string): Failure =>
  new PortError(code, message, { retryable, help, cause });

const late = (server: McpServer, diagnosis: Failure | undefined): Failure => {
  const told = diagnosis ? `: ${diagnosis.message}` : '';
  const help = diagnosis?.help ?? (server.kind === 'stdio' ? NO_SERVER : helpFor(server));
  return new PortError('timeout', `it did not answer in time${told}`, { retryable: true, help });
};

const NO_SERVER = 'its command must start an MCP server that speaks over standard input and output: some need an argument for that';

const malformed = (server: McpServer): Failure =>
  new PortError('malformed-reply', 'its answer is not what the protocol says', { retryable: true, help: helpFor(server) });

/** The schemas of the SDK find fault in their own way; whatever else the SDK finds is an answer that is none. */
const isMisshapen = (error: unknown): boolean =>
  error instanceof SdkError
    ? error.code === SdkErrorCode.InvalidResult || error.code === SdkErrorCode.ClientHttpUnexpectedContent
    : error instanceof Error && /ZodError$/.test(error.constructor.name);

/** What helps where a server is there, and does not speak as it should. */
export const helpFor = ({ kind }: Pick<McpServer, 'kind'>): string =>
  kind === 'stdio'
    ? 'run its command by hand to see more, or correct "command", "args" and "env" in its entry'
    : 'check that "url" in its entry is the address of an MCP server, which often ends in /mcp, and that it runs';

const httpFailure = (status: number, server: McpServer): Failure => {
  const words = `it answers HTTP ${status}`;
  const options = { retryable: true, help: helpFor(server) };
  if (status === 401 || status === 403)
    return new PortError('unauthorised', `${words}: the "headers" of its entry hold no valid key`, {
      retryable: false,
      help: 'correct "headers" in its entry, or the variable that it names',
    });
  if (status === 404 || status === 400) return new PortError('not-found', words, options);
  if (status >= 500) return unavailable(words, 'look into the log of the server, or try again later');
  return new PortError('unavailable', words, options);
};

const hostOf = (url: string): string => URL.parse(url)?.host ?? 'its address';

const CUT = 'the connection broke before the whole answer had come';
const LOOK = 'look into the log of the server; if it speaks TLS, write https: in "url" of its entry';
const START_IT = 'start the server, or correct "url" in its entry';
const TRUST = 'give it a certificate of a known authority, or name the file of its authority in NODE_EXTRA_CA_CERTS';

/** By the code of the system, of TLS or of undici: what is wrong, and what helps. */
const UNREACHABLE: Readonly<Record<string, readonly [words: (host: string) => string, help: string]>> = {
  ECONNREFUSED: [(host) => `nothing listens at ${host} (ECONNREFUSED)`, START_IT],
  ENOTFOUND: [(host) => `there is no host ${host} (ENOTFOUND)`, 'correct "url" in its entry, or the name resolution of this machine'],
  EAI_AGAIN: [(host) => `the name of ${host} can't be looked up now (EAI_AGAIN)`, 'check the network and the DNS of this machine'],
  ECONNRESET: [() => CUT, LOOK],
  EPIPE: [() => CUT, LOOK],
  UND_ERR_SOCKET: [() => CUT, LOOK],
  ETIMEDOUT: [(host) => `${host} does not take the connection in time (ETIMEDOUT)`, START_IT],
  UND_ERR_CONNECT_TIMEOUT: [(host) => `${host} does not take the connection in time`, START_IT],
  EHOSTUNREACH: [(host) => `no way leads to ${host} (EHOSTUNREACH)`, 'check the network of this machine'],
  ENETUNREACH: [(host) => `no way leads to ${host} (ENETUNREACH)`, 'check the network of this machine'],
  ERR_SSL_WRONG_VERSION_NUMBER: [(host) => `${host} does not speak TLS`, 'write http: in "url" of its entry'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: [(host) => `${host} does not speak TLS`, 'write http: in "url" of its entry'],
  DEPTH_ZERO_SELF_SIGNED_CERT: [(host) => `${host} signed its certificate itself (DEPTH_ZERO_SELF_SIGNED_CERT)`, TRUST],
  SELF_SIGNED_CERT_IN_CHAIN: [(host) => `the authority of ${host}'s certificate is not known (SELF_SIGNED_CERT_IN_CHAIN)`, TRUST],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: [
    (host) => `the authority of ${host}'s certificate is not known (UNABLE_TO_VERIFY_LEAF_SIGNATURE)`,
    TRUST,
  ],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: [
    (host) => `the authority of ${host}'s certificate is not known (UNABLE_TO_GET_ISSUER_CERT_LOCALLY)`,
    TRUST,
  ],
  CERT_HAS_EXPIRED: [(host) => `the certificate of ${host} has expired`, 'renew it, and check the clock of this machine'],
  ERR_TLS_CERT_ALTNAME_INVALID: [(host) => `the certificate of ${host} is for another name`, 'correct the host of "url" in its entry'],
};

/** What fails in `fetch`, or where the answer is read. The code stands on the cause; the words are the same for all. */
const fetchFailure = (error: unknown, server: Extract<McpServer, { kind: 'http' }>): Failure => {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : '';
  const host = hostOf(server.url);
  const [words, help] = UNREACHABLE[code] ?? [];
  if (words !== undefined && help !== undefined) return unavailable(words(host), help, error);
  if (isRefusedPort(error) || isConnectionFailure(error))
    return unavailable(`${host} can't be reached (${code || lineExcerpt(reasonOf(cause), 200)})`, START_IT, error);
  return malformed(server);
};
