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

/** A server that answers `initialize` and the list of its one tool; `answer` gives its other answers. */
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
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ jsonrpc: '2.0', id: heard.id, result }));
  });

describe('An MCP server over HTTP', () => {
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

  it('that is down says so, and one that refuses the key says which part of its entry is wrong', async () => {
    const port = await freePort();
    await withServers([http(`http://127.0.0.1:${port}`)], async ({ mcp }) => {
      expect(mcp.report()[0]?.state).to.deep.equal({ status: 'failed', reason: "it can't be reached (ECONNREFUSED)" });
    });
    const seen: unknown[] = [];
    await using refusing = await listenHttp((request, response) => {
      seen.push(request.headers.authorization);
      response.writeHead(401).end();
    });
    await withServers([http(refusing.url, { Authorization: 'Bearer secret-key' })], async ({ mcp }) => {
      const state = mcp.report()[0]?.state;
      expect(state).to.deep.equal({ status: 'failed', reason: 'it answers HTTP 401: the "headers" of its entry hold no valid key' });
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
    await using own = await ownServer(({ id }, response) => {
      calls++;
      if (calls === 1) response.writeHead(404).end();
      else if (calls === 2)
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'done' }] } }));
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
});
