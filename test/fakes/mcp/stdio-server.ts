/**
 * An MCP server of the tests' own, in plain lines of JSON-RPC, so that it can do what no SDK would. Its behaviour is
 * the first argument; it appends what happens to the file in the second.
 */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

type Json = Readonly<Record<string, unknown>>;
const [mode = 'steady', notes = '/dev/null'] = process.argv.slice(2);
const note = (text: string): void => appendFileSync(notes, `${text}\n`);
const write = (message: unknown): void => void process.stdout.write(`${typeof message === 'string' ? message : JSON.stringify(message)}\n`);
const tool = (name: string, more: Json = {}): Json => ({ name, description: `Does ${name}.`, inputSchema: { type: 'object' }, ...more });
const text = (value: string): Json => ({ content: [{ type: 'text', text: value }] });

const STEADY = ['echo', 'die', 'hang', 'key', 'grow', 'progress'].map((name) => tool(name));
/** What the mode `hostile` has beside them. */
const HOSTILE = ['late', 'flood', 'shift', 'torrent'].map((name) => tool(name));
let shifts = 0;
let grown: readonly Json[] = [];

const LIES: readonly unknown[] = [
  tool('twin'),
  tool('twin', { description: 'Another one.' }),
  tool('new\nline\u0007 name'),
  tool('long', { description: 'x'.repeat(3_000_000) }),
  tool('deep', { inputSchema: JSON.parse(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`) as unknown }),
  tool('wide', {
    inputSchema: {
      type: 'object',
      properties: Object.fromEntries(
        Array.from({ length: 200 }, (_, i) => [`argument_${i}`, { type: 'string', description: 'y'.repeat(500) }]),
      ),
    },
  }),
  tool('safe.read', { annotations: { readOnlyHint: true, destructiveHint: false } }),
  tool('safe_read'),
  tool('echo'),
  tool('task', { execution: { taskSupport: 'required' } }),
  { description: 'no name' },
  'no object',
  null,
];

/** More than one server may list. */
const MANY = Array.from({ length: 60 }, (_, i) => tool(`tool_${i}`, { description: 'x'.repeat(1_400) }));

const toolsNow = (): readonly unknown[] => {
  if (mode === 'lying') return LIES;
  if (mode === 'many') return MANY;
  return [...STEADY, ...grown, ...(mode === 'hostile' ? HOSTILE : []), ...(shifts > 0 ? [tool(`shifted_${shifts}`)] : [])];
};
const changed = (): void => write({ jsonrpc: '2.0', method: 'notifications/tools/list_changed' });

/** What is said in answer: `result` or `error`; nothing for a server that hangs. */
type Answer = Json | undefined;
const result = (value: Json): Answer => ({ result: value });
const error = (code: number, message: string): Answer => ({ error: { code, message } });

const call = (id: unknown, { name, arguments: input, _meta }: Json): Answer => {
  note(`call ${String(name)}`);
  const meta = (_meta ?? {}) as Json;
  switch (name) {
    case 'echo':
      if (mode === 'lying') for (const id of ['somebody else', 999_999]) write({ jsonrpc: '2.0', id, ...result(text('not yours')) });
      return result(text(JSON.stringify(input)));
    case 'twin':
      return result({ content: 'no list', isError: 'no boolean' });
    case 'die':
      process.exit(3);
      return undefined;
    case 'hang':
      return undefined;
    case 'key':
      return result(text(String(meta['kept/callKey'])));
    case 'grow':
      grown = [tool('grown')];
      changed();
      return result(text('grown'));
    case 'progress': {
      const params = { progressToken: meta.progressToken, progress: 1, total: 4, message: 'a quarter' };
      write({ jsonrpc: '2.0', method: 'notifications/progress', params });
      // A client that reads both at once may take the end for first.
      setTimeout(() => write({ jsonrpc: '2.0', id, ...result(text('done')) }), 100);
      return undefined;
    }
    case 'late':
      setTimeout(() => write({ jsonrpc: '2.0', id, ...result(text('too late')) }), Number((input as Json).ms));
      return undefined;
    case 'flood': {
      const params = { progressToken: meta.progressToken, progress: 1, total: 4, message: 'p'.repeat(500) };
      for (let n = 0; n < 2_000; n++) write({ jsonrpc: '2.0', method: 'notifications/progress', params });
      process.stderr.write('e'.repeat(4_000_000));
      return result({ content: Array.from({ length: 500 }, () => ({ type: 'text', text: 'x'.repeat(10_000) })) });
    }
    case 'torrent': {
      const more = (): void => {
        while (process.stdout.write('{"jsonrpc":"2.0","method":"notifications/message"}\n'));
      };
      process.stdout.on('drain', more);
      more();
      return undefined;
    }
    case 'shift':
      for (let n = 0; n < 500; n++) {
        shifts++;
        changed();
      }
      return result(text('shifted'));
    default:
      return error(-32602, `Unknown tool: ${String(name)}`);
  }
};

const answerTo = ({ id, method, params }: Json): Answer => {
  switch (method) {
    case 'initialize': {
      note(`environment ${Object.keys(process.env).sort().join(' ')}`);
      const { protocolVersion } = params as Json;
      return result({ protocolVersion, capabilities: { tools: { listChanged: true } }, serverInfo: { name: 'own', version: '1' } });
    }
    case 'tools/list':
      note('list');
      return result({ tools: toolsNow() });
    case 'tools/call':
      return call(id, params as Json);
    case 'ping':
      return mode === 'deaf' ? undefined : result({});
    default:
      return error(-32601, 'no such method');
  }
};

const hear = (message: Json): void => {
  const { id, method } = message;
  if (id === undefined) note(`heard ${String(method)}`);
  const answer = id === undefined ? undefined : answerTo(message);
  if (answer) write({ jsonrpc: '2.0', id, ...answer });
};

note(`started ${process.pid}`);
switch (mode) {
  case 'silent':
    break;
  case 'endless':
    process.stdout.write('x'.repeat(9 * 1024 ** 2));
    break;
  case 'failing':
    process.stderr.write('first line\nthe key is missing\n');
    process.exit(7);
    break;
  case 'stubborn':
    // Neither the end of its input nor SIGTERM ends it, and it has a child that is alike.
    process.on('SIGTERM', () => undefined);
    setInterval(() => undefined, 1_000);
    note(`child ${spawn('sleep', ['600'], { stdio: 'ignore' }).pid}`);
    break;
  default:
    if (mode === 'lying') write('this is no JSON');
}
const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => {
  if (mode !== 'silent' && mode !== 'endless') hear(JSON.parse(line) as Json);
});
lines.on('close', () => {
  if (mode !== 'stubborn') process.exit(0);
});
