import { expect } from 'chai';
import { makeRedactor } from '../../../src/adapters/redaction/index.ts';
import { makeLogContent } from '../../../src/application/index.ts';
import type { Content } from '../../../src/ports/content.ts';
import type { Logger } from '../../../src/ports/index.ts';

const SECRET = 'the-secret-of-the-house';
const asked = (text: string): Content => ({
  type: 'model-content',
  agent: 'cook',
  instructions: `You cook. ${SECRET}`,
  asked: [{ role: 'person', name: 'Ann', text }],
  replied: { model: 'm-1', text: `Tea. ${SECRET}`, toolCalls: [], stop: 'end' },
});
const afterTool: Content = {
  type: 'model-content',
  agent: 'cook',
  instructions: 'You cook.',
  asked: [{ role: 'tool', callId: '1', tool: 'read_file', output: 'leaves', isError: false }],
  replied: { model: 'm-1', text: '', toolCalls: [{ id: '2', tool: 'read_file', input: { path: SECRET } }], stop: 'tool_calls' },
};
const called: Content = {
  type: 'tool-content',
  tool: 'read_file',
  input: { path: `"${SECRET}"` },
  output: `line\n${SECRET}`,
  outcome: 'done',
};
const OFF = { agentInputs: false, agentOutputs: false, toolCalls: false, apiRequests: false };

interface Line {
  readonly area: string;
  readonly fields: unknown;
  readonly message: string;
}

const logged = (switches: Partial<typeof OFF>, ...contents: readonly Content[]): readonly Line[] => {
  const lines: Line[] = [];
  const loggerOf = (area: string): Logger => {
    const refuse = (): never => expect.fail('contents are for level debug alone');
    return {
      debug: (fields, message) => lines.push({ area, fields, message }),
      info: refuse,
      warn: refuse,
      error: refuse,
      child: loggerOf,
    };
  };
  const listener = makeLogContent({ logger: loggerOf(''), redact: makeRedactor([SECRET]), logs: { ...OFF, ...switches } });
  for (const content of contents) listener?.(content);
  return lines;
};
const heads = (lines: readonly Line[]): readonly string[] => lines.map(({ area, message }) => `${area}: ${message}`);

describe('What the log holds of what was said', () => {
  it('is nothing unless asked for', () => {
    expect(makeLogContent({ logger: undefined as never, redact: (text) => text, logs: OFF })).to.equal(undefined);
  });

  it('is what each switch says, and nothing else', () => {
    const all = [asked('tea?'), afterTool, called];
    expect(heads(logged({ agentInputs: true }, ...all))).to.deep.equal(['agents: what an agent was asked']);
    expect(heads(logged({ agentOutputs: true }, ...all))).to.deep.equal(['agents: what an agent answered']);
    expect(heads(logged({ toolCalls: true }, ...all))).to.deep.equal(['tools: a call of a tool, and what it said']);
    expect(heads(logged({ apiRequests: true }, ...all))).to.deep.equal([
      'models: a request to a model, and its reply',
      'models: a request to a model, and its reply',
    ]);
  });

  it('holds requests that no model answered, and calls that did not get to their end', () => {
    const failed: Content = { ...asked('tea?'), replied: { failed: 'unavailable', reason: `m-1 said: ${SECRET} is busy` } } as Content;
    const stopped: Content = { ...called, output: `ended: ${SECRET}`, outcome: 'stopped' } as Content;
    const [input, request, call, ...more] = logged(
      { agentInputs: true, agentOutputs: true, toolCalls: true, apiRequests: true },
      failed,
      stopped,
    );
    expect(more).to.deep.equal([]);
    expect(input?.message).to.equal('what an agent was asked');
    expect(request).to.deep.equal({
      area: 'models',
      message: 'a request that no model answered',
      fields: {
        agent: 'cook',
        request: { instructions: 'You cook. [redacted]', steps: 1, last: [{ role: 'person', name: 'Ann', text: 'tea?' }] },
        failed: 'unavailable',
        reason: 'm-1 said: [redacted] is busy',
      },
    });
    expect(call?.fields).to.include({ output: 'ended: [redacted]', outcome: 'stopped' });
  });

  it('is redacted, also within arguments, and cut, never through a secret', () => {
    const long = `${'x '.repeat(990)}${SECRET} ${'y '.repeat(5_000)}`;
    const lines = logged({ agentInputs: true, agentOutputs: true, toolCalls: true, apiRequests: true }, asked(long), afterTool, called);
    const text = JSON.stringify(lines);
    for (let length = 8; length <= SECRET.length; length++) expect(text).not.to.include(SECRET.slice(0, length));
    expect(text).to.include('[redacted]').and.to.include('leaves');
    expect(text.length).to.be.below(12_000);
  });
});
