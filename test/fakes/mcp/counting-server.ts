/**
 * An MCP server with one tool, `count`, which appends a line to the file in its first argument: the key of the call and
 * what is counted. The line is written before the answer, so a kill in between leaves an effect without a result.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

type Json = Readonly<Record<string, unknown>>;
const [file = '/dev/null'] = process.argv.slice(2);
const COUNT = {
  name: 'count',
  description: 'Counts one thing.',
  inputSchema: { type: 'object', properties: { what: { type: 'string' } }, required: ['what'] },
};

const resultOf = ({ method, params }: Json): Json => {
  const asked = (params ?? {}) as Json;
  switch (method) {
    case 'initialize':
      return { protocolVersion: asked.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'counter', version: '1' } };
    case 'tools/list':
      return { tools: [COUNT] };
    case 'tools/call': {
      const { what } = asked.arguments as { what: string };
      appendFileSync(file, `${JSON.stringify({ key: (asked._meta as Json | undefined)?.['kept/callKey'], what })}\n`);
      return { content: [{ type: 'text', text: `counted ${what}` }] };
    }
    default:
      return {};
  }
};

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  const message = JSON.parse(line) as Json;
  if (message.id !== undefined) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', id: message.id, result: resultOf(message) })}\n`);
});
lines.on('close', () => process.exit(0));
