import { strict as assert } from 'node:assert';
import type { ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { makeCallTool } from '../../../src/application/tools/call-tool.ts';
import { listenHttp } from '../../support/loopback.ts';
import { context, toolOf, withServers } from '../../support/mcp-servers.ts';

/** How long a call may take in these tests. The tool's own limit, and the words for it, are the same. */
const LIMIT_MS = 600;
const BOUND_MS = 5_000;

const JSON_TYPE = { 'content-type': 'application/json' };
const EVENTS = { 'content-type': 'text/event-stream' };
type Fault = (response: ServerResponse, id: number) => void;

const answer =
  (status: number, body = '{}', headers: Readonly<Record<string, string>> = JSON_TYPE): Fault =>
  (response) =>
    void response.writeHead(status, headers).end(body);
const stall =
  (type: Readonly<Record<string, string>>, begun: string): Fault =>
  (response) =>
    void response.writeHead(200, type).write(begun);
const cut =
  (type: Readonly<Record<string, string>>, begun: string): Fault =>
  (response) => {
    response.writeHead(200, type).write(begun, () => response.destroy());
  };

/** An error of JSON-RPC in place of the result. */
const rpcError =
  (code: number): Fault =>
  (response, id) =>
    answer(200, JSON.stringify({ jsonrpc: '2.0', id, error: { code, message: 'because of this.' } }))(response, id);

const UNKNOWN = 'It is not known whether the call took effect: look before it is made again.';
const BROKE = `The call of act failed: the connection broke before the whole answer had come. ${UNKNOWN}`;
const MALFORMED = `The call of act failed: its answer is not what the protocol says. ${UNKNOWN}`;
const REFUSES = 'The MCP server "web" refuses the call:';
const ERROR = `The call of act failed: it answers with an error: because of this. ${UNKNOWN}`;
const ENDED = 'mcp__web__act took longer than 1 s and was ended. It may have done a part of its work.';

/** What one fault of a call comes to, in the words that the model reads. */
const FAULTS: readonly (readonly [what: string, fault: Fault, words: string])[] = [
  ['401', answer(401), `${REFUSES} it answers HTTP 401: the "headers" of its entry hold no valid key`],
  [
    '429 with Retry-After: 3600',
    answer(429, '{}', { ...JSON_TYPE, 'retry-after': '3600' }),
    `${REFUSES} it answers HTTP 429 and asks for a pause of 60 minutes`,
  ],
  ['400, where there is no session', answer(400), `${REFUSES} it answers HTTP 400`],
  ['404, where there is no session', answer(404), `${REFUSES} it answers HTTP 404`],
  [
    '202, which promises no answer',
    answer(202, ''),
    `The call of act failed: it answers HTTP 202, after which no result comes. ${UNKNOWN}`,
  ],
  ...[-32_700, -32_600, -32_601, -32_602].map((code) => [`the error ${code}`, rpcError(code), `${REFUSES} because of this.`] as const),
  ...[-32_603, -32_000, -32_001, 7].map((code) => [`the error ${code}`, rpcError(code), ERROR] as const),
  ['529', answer(529), `The call of act failed: it answers HTTP 529. ${UNKNOWN}`],
  ['a stall after the headers', stall(JSON_TYPE, '{"jsonrpc"'), ENDED],
  ['a stall after the headers of a stream', stall(EVENTS, ': hello\n\n'), ENDED],
  ['a cut in the middle', cut({ ...JSON_TYPE, 'content-length': '1000' }, '{"jsonrpc"'), BROKE],
  ['a cut in mid-stream', cut(EVENTS, 'data: {"jsonrpc"'), BROKE],
  ['a stream that ends without the answer', answer(200, ': bye\n\n', EVENTS), BROKE],
  ['a malformed body', answer(200, '{"jsonrpc'), MALFORMED],
  ['a malformed event', answer(200, 'data: {"jsonrpc\n\n', EVENTS), BROKE],
  ['a body of another shape', answer(200, 'null'), MALFORMED],
  ['no body', answer(200, ''), MALFORMED],
  [
    'HTML with 200',
    answer(200, '<html>Sign in</html>', { 'content-type': 'text/html' }),
    `The call of act failed: a web page answers there, and no MCP server. ${UNKNOWN}`,
  ],
  ['HTML that is called JSON', answer(200, '<html>Sign in</html>'), MALFORMED],
];

describe('A call of an MCP server over HTTP', () => {
  /** A server that keeps one tool, `act`, and answers its calls with these faults, then well. */
  const withFaults = async (
    faults: readonly Fault[],
    use: (call: () => Promise<string>, calls: () => number) => Promise<void>,
  ): Promise<void> => {
    let calls = 0;
    const results: Readonly<Record<string, unknown>> = {
      initialize: { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'own', version: '1' } },
      'tools/list': { tools: [{ name: 'act', inputSchema: { type: 'object' } }] },
      'tools/call': { content: [{ type: 'text', text: 'done' }] },
      ping: {},
    };
    await using server = await listenHttp(async (request, response) => {
      if (request.method !== 'POST') return void response.writeHead(405).end();
      const { method, id } = (await json(request)) as { readonly method: string; readonly id?: number };
      if (id === undefined) return void response.writeHead(202).end();
      const fault = method === 'tools/call' ? faults[calls++] : undefined;
      if (fault) return fault(response, id);
      answer(200, JSON.stringify({ jsonrpc: '2.0', id, result: results[method] }))(response, id);
    });
    await withServers([{ kind: 'http', name: 'web', url: `${server.url}/mcp`, headers: { 'x-key': 'the-secret' } }], async ({ mcp }) => {
      const tool = { ...toolOf(mcp, 'mcp__web__act'), timeoutMs: LIMIT_MS };
      const callTool = makeCallTool({
        clock: systemClock,
        events: { emit: () => undefined },
        redact: (text) => text,
        mayAct: () => true,
      });
      const call = async (): Promise<string> =>
        (await callTool({ name: tool.name, input: {}, offered: [tool], context: context() })).output;
      await use(call, () => calls);
    });
  };

  for (const [what, fault, words] of FAULTS)
    it(`that meets ${what} is made once, and told in words`, () =>
      withFaults([fault], async (call, calls) => {
        const startedAt = performance.now();
        assert.equal(await call(), words);
        assert.equal(calls(), 1);
        assert.ok(performance.now() - startedAt < BOUND_MS, `${performance.now() - startedAt} ms`);
        assert.equal(await call(), 'done', 'the next call');
      }));

  it('that meets 529 twice is told so twice, and works when it is made again', () =>
    withFaults([answer(529), answer(529)], async (call, calls) => {
      for (const _ of [1, 2]) assert.match(await call(), /HTTP 529\. It is not known/);
      assert.equal(await call(), 'done');
      assert.equal(calls(), 3);
    }));
});
