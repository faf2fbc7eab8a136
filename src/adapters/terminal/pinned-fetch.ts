import { X509Certificate } from 'node:crypto';
import { request } from 'node:https';
import { Readable } from 'node:stream';
import { connect, type TLSSocket } from 'node:tls';
import { PortError } from '../../ports/index.ts';

/** The part of `fetch` that is used here. */
export type Fetch = (
  url: URL,
  options: {
    readonly method: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body?: string;
    readonly signal?: AbortSignal;
  },
) => Promise<Response>;

/**
 * Asks the one server that has exactly this certificate (PEM), whatever names stand in it, whoever signed it, and for
 * however long it is valid: a process on the same machine, asked by an address that its certificate does not name.
 */
export const pinnedFetch =
  (certificate: string | Buffer): Fetch =>
  async (url, { method, headers, body, signal }) => {
    const expected = new X509Certificate(certificate).raw;
    // Nothing is sent before it is known who is there.
    const socket = await connected(url, signal);
    if (!socket.getPeerCertificate().raw.equals(expected)) {
      socket.destroy();
      throw new PortError('unavailable', `${url.origin} has another certificate than that of SSL_CERTFILE`, { retryable: false });
    }
    return new Promise((resolve, reject) => {
      const sent = request(url, { method, headers, createConnection: () => socket, ...(signal && { signal }) }, (answer) => {
        const { statusCode: status = 0, headers: told } = answer;
        const shown = Object.entries(told).flatMap(([name, value]): [string, string][] => [value ?? []].flat().map((each) => [name, each]));
        const response = new Response(Readable.toWeb(answer) as ReadableStream, { status, headers: shown });
        // As that of `fetch` says, for words about failures.
        resolve(Object.defineProperty(response, 'url', { value: url.href }));
      });
      sent.once('error', (error) => reject(signal?.aborted ? signal.reason : asFetchFailure(error)));
      sent.end(body);
    });
  };

const connected = ({ hostname, port }: URL, signal: AbortSignal | undefined): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = connect({ host, port: Number(port === '' ? 443 : port), rejectUnauthorized: false });
    const abort = (): void => {
      socket.destroy();
      reject(signal?.reason);
    };
    const fail = (error: Error): void => {
      signal?.removeEventListener('abort', abort);
      reject(asFetchFailure(error));
    };
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', fail).once('secureConnect', () => {
      socket.off('error', fail);
      signal?.removeEventListener('abort', abort);
      resolve(socket);
    });
  });

/** As `fetch` has it: the reason is the cause. */
const asFetchFailure = (cause: Error): TypeError => new TypeError('fetch failed', { cause });
