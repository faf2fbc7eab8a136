/**
 * An MCP server with one tool, `count`. Each call appends two lines to the file in its first argument, with the key of
 * the call, what is counted and when: `called` at once, and a moment later `counted`, which is its effect. It answers
 * a moment (in ms, the second argument) after that: a kill leaves calls without effect, and effects without a result.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

type Json = Readonly<Record<string, unknown>>;
const [file = '/dev/null', momentMs = '0'] = process.argv.slice(2);
const COUNT = {
  name: 'count',
  description: 'Counts one thing.',
  inputSchema: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] },
};

const answer = (id: unknown, result: Json): void => {
  process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id, result })}\n`);
};

const later = (act: () => void): void => {
  setTimeout(act, Number(momentMs));
};

const count = (id: unknown, { arguments: input, _meta }: Json): void => {
  const { what } = input as { what: string };
  const note = (is: 'called' | 'counted'): void =>
    appendFileSync(file, `${JSON.stringify({ is, key: (_meta as Json | undefined)?.['kept/callKey'], what, at: Date.now() })}\n`);
  note('called');
  later(() => {
    note('counted');
    later(() => answer(id, { content: [{ type: 'text', text: `counted ${what}` }] }));
  });
};

const hear = ({ id, method, params }: Json): void => {
  const asked = (params ?? {}) as Json;
  const serverInfo = { name: 'counter', version: '1' };
  if (method === 'tools/call') count(id, asked);
  else if (method === 'tools/list') answer(id, { tools: [COUNT] });
  else if (method === 'initialize') answer(id, { protocolVersion: asked.protocolVersion, capabilities: { tools: {} }, serverInfo });
  else answer(id, {});
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const message = JSON.parse(line) as Json;
  if (message.id !== undefined) hear(message);
});
lines.on('close', () => process.exit(0));
