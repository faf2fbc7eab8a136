import { expect } from 'chai';
import fc from 'fast-check';
import { toParams } from '../../../src/adapters/openai/params.ts';
import { makeFileTools, makeHistoryTools, makePromiseTools, makeScheduleTools } from '../../../src/adapters/tools/index.ts';
import { reportFailure } from '../../../src/application/tools/report-failure.ts';
import { TEXTS_IN_WORDS, type Unshown } from '../../../src/ports/adapter-kit/shown-media.ts';
import { conversationSteps } from '../../support/conversation-steps.ts';
import { brokenRules } from './rules.ts';
import { DEEPSEEK, GEMINI, LITELLM, MISTRAL, OPENAI, SERVERS, type ServerRules, TEMPLATE } from './servers.ts';

type Change = (body: Record<string, unknown>, messages: Record<string, unknown>[]) => void;

const call = (id: string, change: object = {}) => ({
  id,
  type: 'function',
  function: { name: 'read_file', arguments: '{"path":"a"}', ...change },
});
const tool = (change: object = {}, name = 'read_file') => ({
  type: 'function',
  function: {
    name,
    description: 'Reads',
    parameters: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
    ...change,
  },
});
/** A request that every server takes. */
const whole = (): Record<string, unknown> & { messages: Record<string, unknown>[] } => ({
  model: 'small',
  stream: true,
  max_tokens: 100,
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'read' },
    { role: 'assistant', content: null, tool_calls: [call('call00001')] },
    { role: 'tool', tool_call_id: 'call00001', content: 'alpha' },
    { role: 'assistant', content: 'It says alpha.' },
    { role: 'user', content: 'thanks' },
  ],
  tools: [tool()],
  tool_choice: 'auto',
});
const ofCalls = (messages: Record<string, unknown>[], calls: unknown): void => {
  if (messages[2]) messages[2].tool_calls = calls;
};

describe('the rules of Chat Completions', () => {
  for (const server of SERVERS)
    it(`${server.name} takes a request that keeps them`, () => expect(brokenRules(whole(), server)).to.deep.equal([]));

  const faults: readonly (readonly [rule: string, change: Change, server?: ServerRules])[] = [
    ['messages-present', (body) => Object.assign(body, { messages: [] })],
    ['message-object', (_, messages) => messages.push('hi' as never)],
    ['message-role', (_, messages) => messages.push({ role: 'person', content: 'hi' })],
    ['message-fields', (_, [first]) => Object.assign(first as object, { reasoning_content: 'no' })],
    ['call-fields', (_, messages) => ofCalls(messages, [{ ...call('call00001'), extra_content: {} }])],
    ['thought-returned', () => undefined, DEEPSEEK],
    [
      'thought-returned',
      (_, messages) => {
        for (const message of messages) if (message.role === 'assistant') message.reasoning_content = '';
      },
      DEEPSEEK,
    ],
    ['signature-returned', (_, messages) => messages.splice(4), GEMINI],
    ['content-present', (_, messages) => messages.push({ role: 'user', content: null })],
    ['content-present', (_, messages) => messages.push({ role: 'assistant' })],
    ['content-text', (_, messages) => messages.push({ role: 'user', content: 7 })],
    ['content-text', (_, messages) => messages.push({ role: 'user', content: [] })],
    ['content-blank', (_, messages) => messages.push({ role: 'user', content: ' ' }), LITELLM],
    ['tool-call-id', (_, messages) => delete messages[3]?.tool_call_id],
    ['calls-present', (_, messages) => ofCalls(messages, [])],
    ['call-id', (_, messages) => ofCalls(messages, [call('')])],
    ['call-id', (_, messages) => ofCalls(messages, [call('x'.repeat(41))])],
    ['call-id', (_, messages) => ofCalls(messages, [call('toolu_01A')]), MISTRAL],
    ['call-id', (_, messages) => ofCalls(messages, [call('read:0')]), LITELLM],
    ['call-type', (_, messages) => ofCalls(messages, [{ ...call('call00001'), type: 'tool' }])],
    ['call-name', (_, messages) => ofCalls(messages, [call('call00001', { name: 'functions.read_file' })])],
    ['call-name', (_, messages) => ofCalls(messages, [call('call00001', { name: '' })])],
    ['call-name', (_, messages) => ofCalls(messages, [call('call00001', { name: 'x'.repeat(65) })])],
    ['call-arguments', (_, messages) => ofCalls(messages, [call('call00001', { arguments: { path: 'a' } })])],
    ['call-arguments', (_, messages) => ofCalls(messages, [call('call00001', { arguments: '{"path":' })])],
    ['call-arguments', (_, messages) => ofCalls(messages, [call('call00001', { arguments: '[]' })])],
    ['tool-answers-call', (_, messages) => messages.splice(2, 1)],
    ['tool-answers-call', (_, messages) => messages.splice(3, 0, { ...messages[3] })],
    ['calls-answered', (_, messages) => messages.splice(3, 1)],
    ['calls-answered', (_, messages) => messages.splice(3)],
    ['calls-answered', (_, messages) => ofCalls(messages, [call('call00001'), call('call00002')])],
    ['call-id-unique', (_, messages) => messages.push({ ...messages[2] }, { ...messages[3] })],
    ['system-first', (_, messages) => messages.push({ role: 'system', content: 'x' }), TEMPLATE],
    ['roles-alternate', (_, messages) => messages.push({ role: 'user', content: 'x' }), TEMPLATE],
    ['roles-alternate', (_, messages) => messages.splice(5, 0, { role: 'assistant', content: 'x' }), TEMPLATE],
    ['user-first', (_, messages) => messages.splice(1, 1), TEMPLATE],
    ['user-behind-tool', (_, messages) => messages.splice(4, 1), MISTRAL],
    ['last-role', (_, messages) => messages.pop(), MISTRAL],
    [
      'parameter-known',
      (body) => {
        body.temprature = 1;
      },
    ],
    [
      'parameter-known',
      (body) => {
        body.stream_options = { include_usage: true };
      },
      MISTRAL,
    ],
    ['model-present', (body) => delete body.model],
    [
      'stream-boolean',
      (body) => {
        body.stream = 'true';
      },
    ],
    [
      'stream-options',
      (body) => {
        Object.assign(body, { stream: false, stream_options: {} });
      },
    ],
    ['choice-with-tools', (body) => delete body.tools],
    [
      'choice-known',
      (body) => {
        body.tool_choice = 'any';
      },
    ],
    [
      'parallel-with-tools',
      (body) => {
        Object.assign(body, { tools: undefined, tool_choice: undefined, parallel_tool_calls: true });
      },
    ],
    [
      'calls-need-tools',
      (body) => {
        Object.assign(body, { tools: undefined, tool_choice: undefined });
      },
      LITELLM,
    ],
    [
      'reasoning-parameters',
      (body) => {
        Object.assign(body, { model: 'o3', temperature: 1 });
      },
    ],
    [
      'effort-known',
      (body) => {
        Object.assign(body, { model: 'gpt-4.1', reasoning_effort: 'low' });
      },
    ],
    [
      'effort-known',
      (body) => {
        Object.assign(body, { model: 'gpt-5.5', reasoning_effort: 'hard' });
      },
    ],
    [
      'tools-without-effort',
      (body) => {
        Object.assign(body, { model: 'gpt-5.6-terra', reasoning_effort: 'low' });
      },
    ],
    [
      'limit-once',
      (body) => {
        body.max_completion_tokens = 100;
      },
    ],
    [
      'limit-positive',
      (body) => {
        body.max_tokens = 0;
      },
    ],
    [
      'limit-name',
      (body) => {
        body.model = 'gpt-5.5';
      },
    ],
    [
      'limit-name',
      (body) => {
        body.max_completion_tokens = 100;
      },
      MISTRAL,
    ],
    [
      'tools-present',
      (body) => {
        body.tools = [];
      },
    ],
    [
      'tools-count',
      (body) => {
        body.tools = Array.from({ length: 129 }, (_, n) => tool({}, `t${n}`));
      },
    ],
    [
      'tool-function',
      (body) => {
        body.tools = [{ name: 'read_file' }];
      },
    ],
    [
      'tool-name',
      (body) => {
        body.tools = [tool({}, 'read file')];
      },
    ],
    [
      'tool-name-unique',
      (body) => {
        body.tools = [tool(), tool()];
      },
    ],
    [
      'tool-description',
      (body) => {
        body.tools = [tool({ description: 'x'.repeat(1_025) })];
      },
    ],
    [
      'tool-fields',
      (body) => {
        body.tools = [tool({ input_schema: {} })];
      },
    ],
    [
      'schema-object',
      (body) => {
        body.tools = [tool({ parameters: { properties: {} } })];
      },
    ],
    [
      'schema-properties',
      (body) => {
        body.tools = [tool({ parameters: { type: 'object' } })];
      },
    ],
    [
      'schema-required',
      (body) => {
        body.tools = [tool({ parameters: { type: 'object', properties: {}, required: ['path'] } })];
      },
    ],
  ];
  for (const [rule, change, server = OPENAI] of faults)
    it(`${server.name} refuses what breaks ${rule}: ${change.toString().slice(0, 90).replace(/\s+/g, ' ')}`, () => {
      const body = whole();
      change(body, body.messages);
      expect(brokenRules(JSON.parse(JSON.stringify(body)), server).map((broken) => broken.rule)).to.include(rule);
    });

  it('a body that is no object breaks one', () => expect(brokenRules('x')[0]?.rule).to.equal('body-object'));

  it('the tools of Kept itself keep them, at every server', () => {
    const made = [makePromiseTools, makeScheduleTools, makeFileTools, makeHistoryTools].flatMap((make) => make({} as never));
    const tools = [...made, reportFailure];
    const request = { instructions: 'Be brief.', conversation: [], tools, maxOutputTokens: 100 };
    for (const server of SERVERS) {
      const body = JSON.parse(
        JSON.stringify(toParams('small', request, { limitNames: [], omitted: ['stream_options'], unshown: TEXTS_IN_WORDS })),
      );
      expect(body.tools).to.have.length(tools.length);
      expect(brokenRules(body, server)).to.deep.equal([]);
    }
  });

  const READ_FILE = { name: 'read_file', description: 'Reads', inputSchema: { type: 'object', properties: {} } };
  for (const server of SERVERS)
    it(`what Kept sends ${server.name} keeps them, whatever was said`, () => {
      const limitNames = server === OPENAI ? (['max_completion_tokens'] as const) : (['max_tokens'] as const);
      const unshown: Unshown = {
        kinds: server.lacks ? ['text', 'pdf', ...(server.contentIsText ? (['picture'] as const) : [])] : ['text'],
        items: [],
      };
      const omitted = server === MISTRAL ? ['stream_options'] : [];
      fc.assert(
        fc.property(conversationSteps, fc.boolean(), fc.boolean(), fc.boolean(), (conversation, hasTools, isLast, withoutTools) => {
          const request = { instructions: 'Be brief.', conversation, tools: hasTools ? [READ_FILE] : [], maxOutputTokens: 100 };
          const dialect = { limitNames, omitted, unshown, ...(withoutTools ? ({ withoutTools } as const) : {}) };
          const params = toParams('small', { ...request, ...(isLast && hasTools ? { toolChoice: 'none' } : {}) }, dialect);
          expect(brokenRules(JSON.parse(JSON.stringify(params)), server)).to.deep.equal([]);
        }),
        { numRuns: 300 },
      );
    });
});
