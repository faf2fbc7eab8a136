import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer of a stand-in: a status, and what is sent as JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface LocalServer {
  readonly url: string;
  close(): Promise<void>;
}

/** Serves JSON on a free port of this machine, to this machine alone. */
export const startLocalServer = async (answer: (method: string, path: string, body: string) => Answer): Promise<LocalServer> => {
  const server = createServer((request, response) => {
    const give = (text: string): void => {
      const { status, body } = answer(request.method ?? 'GET', request.url ?? '/', text);
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    // A step may kill the process that asks.
    textOf(request).then(give, () => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

const textOf = async (request: IncomingMessage): Promise<string> => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
};
