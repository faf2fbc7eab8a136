import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { expect } from 'chai';
import type { McpServer } from '../../../src/adapters/mcp/index.ts';
import { listenHttp } from '../../support/loopback.ts';
import { context, program, toolOf, withServers } from '../../support/mcp-servers.ts';
import { endWithUs } from '../../support/own-directory.ts';

const http = (url: string, headers: Readonly<Record<string, string>> = {}): McpServer => ({
  kind: 'http',
  name: 'web',
  url: `${url}/mcp`,
  headers,
});

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
};

/** Starts the server from npm, of the 1.x era, and waits until it listens. */
const startEverything = async (port: number): Promise<ChildProcess> => {
  const child = spawn(process.execPath, [program('server-everything'), 'streamableHttp'], {
    env: { PATH: process.env.PATH, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  endWithUs(child);
  for await (const text of child.stderr.setEncoding('utf8')) if (/listening/i.test(String(text))) break;
  return child;
};

const end = async (child: ChildProcess): Promise<void> => {
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
};

interface Heard {
  readonly method: string;
  readonly id?: number;
}

/** A server with sessions that answers `initialize` and the list of its one tool; `answer` gives its other answers. */
const ownServer = (answer: (heard: Heard, response: ServerResponse) => void) =>
  listenHttp(async (request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    const heard = (await json(request)) as Heard;
    const results: Readonly<Record<string, unknown>> = {
      initialize: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'own', version: '1' } },
      'tools/list': { tools: [{ name: 'act', inputSchema: { type: 'object' } }] },
    };
    const result = results[heard.method];
    if (heard.id === undefined) response.writeHead(202).end();
    else if (result === undefined) answer(heard, response);
    else
      response
        .writeHead(200, { 'content-type': 'application/json', 'mcp-session-id': 'one' })
        .end(JSON.stringify({ jsonrpc: '2.0', id: heard.id, result }));
  });

const done = ({ id }: Heard, response: ServerResponse): void =>
  void response
    .writeHead(200, { 'content-type': 'application/json' })
    .end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } }));

describe('An MCP server over HTTP', () => {
  it('that can not be used says what is wrong with it, and what helps', async () => {
    const answering = (status: number, type: string, body: string) =>
      listenHttp((_, response) => void response.writeHead(status, { 'content-type': type }).end(body));
    const peers = {
      denied: await answering(401, 'text/plain', 'no'),
      missing: await answering(404, 'text/plain', 'no'),
      other: await answering(200, 'application/json', '{"a": 1}'),
      page: await answering(200, 'text/html', '<html>Sign in</html>'),
      reset: await listenHttp((request) => void request.socket.destroy()),
      sick: await answering(503, 'text/plain', 'no'),
    };
    const nobody = `http://127.0.0.1:${await freePort()}`;
    const host = (url: string): string => new URL(url).host;
    const named = (name: string, url: string): McpServer => ({ kind: 'http', name, url, headers: {} });
    const servers = [
      ...Object.entries(peers).map(([name, { url }]) => named(name, `${url}/mcp`)),
      named('gone', `${nobody}/mcp?key=not-to-be-told`),
      named('unsafe', `${peers.sick.url.replace('http:', 'https:')}/mcp`),
      named('nowhere', 'http://kept.invalid/mcp'),
    ];
    try {
      await withServers(servers, async ({ mcp }) => {
        const found = Object.fromEntries(
          mcp.report().map(({ name, state }) => [name, state.status === 'failed' ? `${state.reason} → ${state.help}` : state.status]),
        );
        const address = 'check that "url" in its entry is the address of an MCP server, which often ends in /mcp, and that it runs';
        expect(found).to.deep.equal({
          denied:
            'it answers HTTP 401: the "headers" of its entry hold no valid key → correct "headers" in its entry, or the variable that it names',
          gone: `nothing listens at ${host(nobody)} (ECONNREFUSED) → start the server, or correct "url" in its entry`,
          missing: `it answers HTTP 404 → ${address}`,
          nowhere: 'there is no host kept.invalid (ENOTFOUND) → correct "url" in its entry, or the name resolution of this machine',
          other: `its answer is not what the protocol says → ${address}`,
          page: `a web page answers there, and no MCP server → ${address}`,
          reset:
            'the connection broke before the whole answer had come → look into the log of the server; if it speaks TLS, write https: in "url" of its entry',
          sick: 'it answers HTTP 503 → look into the log of the server, or try again later',
          unsafe: `${host(peers.sick.url)} does not speak TLS → write http: in "url" of its entry`,
        });
      });
    } finally {
      await Promise.all(Object.values(peers).map((peer) => peer.close()));
    }
  });

  it('from npm lists and answers, and is known again after it was started again', async () => {
    const port = await freePort();
    let child = await startEverything(port);
    try {
      await withServers([http(`http://127.0.0.1:${port}`)], async ({ mcp, events }) => {
        const echo = toolOf(mcp, 'mcp__web__echo');
        expect((await echo.run({ message: 'one' }, context())).output).to.equal('Echo: one');
        await end(child);
        expect((await echo.run({ message: 'two' }, context())).output).to.contain('It is not known whether the call took effect');
        child = await startEverything(port);
        expect((await echo.run({ message: 'three' }, context())).output).to.equal('Echo: three');
        expect(events.filter(({ type }) => type === 'mcp-server-connected')).to.have.length(2);
      });
    } finally {
      await end(child);
    }
  });

  it('that refuses the key says which part of its entry is wrong, and not the key', async () => {
    const seen: unknown[] = [];
    await using refusing = await listenHttp((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await withServers([http(refusing.url, { Authorization: 'Bearer secret-key' })], async ({ mcp }) => {
      const state = mcp.report()[0]?.state;
      expect(state).to.deep.include({ status: 'failed', reason: 'it answers HTTP 401: the "headers" of its entry hold no valid key' });
      expect(JSON.stringify(state)).not.to.include('secret-key');
    });
    expect(new Set(seen)).to.deep.equal(new Set(['Bearer secret-key']));
  });

  it('that is no MCP server is told as such, and bounded', async () => {
    await using page = await listenHttp((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>welcome</html>');
    });
    await withServers([http(page.url)], async ({ mcp }) => {
      expect(mcp.report()[0]?.state.status).to.equal('failed');
    });
  });

  it('that loses the session in a call is asked once more, and a call that was cut is not', async () => {
    let calls = 0;
    await using own = await ownServer((heard, response) => {
      calls++;
      if (calls === 1) response.writeHead(404).end();
      else if (calls === 2) done(heard, response);
      else response.destroy();
    });
    await withServers([http(own.url)], async ({ mcp }) => {
      const act = toolOf(mcp, 'mcp__web__act');
      expect((await act.run({}, context())).output).to.equal('done');
      expect(calls).to.equal(2);
      expect((await act.run({}, context())).output).to.contain('It is not known whether the call took effect');
      expect(calls).to.equal(3);
    });
  });

  for (const [body, calls, output] of [
    ['Bad Request: No valid session ID provided', 2, 'done'],
    ['the cups are all broken', 1, 'The MCP server "web" refuses the call: it answers HTTP 400'],
  ] as const)
    it(`with sessions that answers HTTP 400, “${body}”, is asked ${calls === 1 ? 'once' : 'twice'}`, async () => {
      let asked = 0;
      await using own = await ownServer((heard, response) => {
        asked++;
        if (asked === 1) response.writeHead(400).end(body);
        else done(heard, response);
      });
      await withServers([http(own.url)], async ({ mcp }) => {
        expect((await toolOf(mcp, 'mcp__web__act').run({}, context())).output).to.equal(output);
        expect(asked).to.equal(calls);
      });
    });
});
