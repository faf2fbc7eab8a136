import { expect } from 'chai';
import fc from 'fast-check';
import { fitConversation, withoutOrphans } from '../../../src/domain/conversation/conversation.ts';
import type { ConversationStep } from '../../../src/domain/index.ts';

const person = (text: string): ConversationStep => ({ role: 'person', name: 'Ada', text });
const agent = (text: string, ...calls: string[]): ConversationStep => ({
  role: 'agent',
  text,
  toolCalls: calls.map((id) => ({ id, tool: 'read_file', input: {} })),
});
const result = (callId: string): ConversationStep => ({
  role: 'tool',
  callId,
  tool: 'read_file',
  output: `output of ${callId}`,
  isError: false,
});
const fitted = (steps: ConversationStep[], maxSteps: number, maxTokens = 1_000_000) => fitConversation(steps, { maxSteps, maxTokens });

describe('a conversation without orphans', () => {
  it('is the same where nothing is orphaned', () => {
    const whole = [person('a'), agent('let me look', 'c1', 'c2'), result('c1'), result('c2'), agent('done'), person('b')];
    expect(withoutOrphans(whole)).to.deep.equal(whole);
  });

  it('has no tool result whose call is gone', () => {
    expect(withoutOrphans([result('c0'), person('a'), result('c1'), agent('b')])).to.deep.equal([person('a'), agent('b')]);
  });

  it('has no tool call whose results are not all there: its words stay, an empty step does not', () => {
    expect(withoutOrphans([agent('let me look', 'c1', 'c2'), result('c1'), person('hello?')])).to.deep.equal([
      agent('let me look'),
      person('hello?'),
    ]);
    expect(withoutOrphans([agent('', 'c1'), person('hello?')])).to.deep.equal([person('hello?')]);
  });

  it('takes results only from the exchange itself, not from beyond the next step', () => {
    expect(withoutOrphans([agent('x', 'c1'), person('hello?'), result('c1')])).to.deep.equal([agent('x'), person('hello?')]);
  });

  it('gives results in the order of their calls, each once, and none that nobody asked for', () => {
    expect(withoutOrphans([agent('', 'c1', 'c2'), result('c2'), result('c9'), result('c1'), result('c1')])).to.deep.equal([
      agent('', 'c1', 'c2'),
      result('c1'),
      result('c2'),
    ]);
  });
});

describe('a conversation that is made to fit', () => {
  const talk = ['a', 'b', 'c', 'd'].map(person);

  it('keeps the newest steps', () => {
    expect(fitted(talk, 2)).to.deep.equal(talk.slice(2));
    expect(fitted(talk, 100)).to.deep.equal(talk);
    expect(fitted(talk, 0)).to.deep.equal([]);
  });

  it('keeps what fits the tokens, four characters each', () => {
    const long = [person('x'.repeat(40)), person('y'.repeat(40)), person('z'.repeat(41))];
    expect(fitted(long, 100, 21)).to.deep.equal(long.slice(1));
    expect(fitted(long, 100, 20)).to.deep.equal(long.slice(2));
    expect(fitted(long, 100, 10)).to.deep.equal([]);
  });

  it('counts tool calls and their outputs', () => {
    const steps = [agent('', 'c1'), result('c1')];
    expect(fitted(steps, 100, 100)).to.deep.equal(steps);
    expect(fitted(steps, 100, 10)).to.deep.equal([]);
  });

  it('never starts in the middle of a tool exchange', () => {
    const steps = [person('a'), agent('', 'c1', 'c2'), result('c1'), result('c2'), agent('done')];
    expect(fitted(steps, 4)).to.deep.equal(steps.slice(1));
    for (const maxSteps of [3, 2, 1]) expect(fitted(steps, maxSteps)).to.deep.equal([agent('done')]);
  });
});

describe('any conversation', () => {
  const ids = fc.constantFrom('c1', 'c2', 'c3');
  const step = fc.oneof(
    fc.string().map(person),
    fc.tuple(fc.string(), fc.uniqueArray(ids, { maxLength: 3 })).map(([text, calls]) => agent(text, ...calls)),
    ids.map(result),
  );
  const limits = fc.record({ maxSteps: fc.nat(30), maxTokens: fc.nat(200) });

  it('fits afterwards, is one that every model accepts, and fits unchanged a second time', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), limits, (steps, limit) => {
        const fitting = fitConversation(steps, limit);
        expect(fitting.length).to.be.at.most(limit.maxSteps);
        expectAcceptable(fitting);
        expect(fitConversation(fitting, limit)).to.deep.equal(fitting);
      }),
    );
  });

  it('loses no words of people when it need not be cut', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const people = (all: readonly ConversationStep[]) => all.filter(({ role }) => role === 'person');
        expect(people(withoutOrphans(steps))).to.deep.equal(people(steps));
      }),
    );
  });
});

/** Every tool call is followed at once by its results, one each, and there are no other results. */
const expectAcceptable = (steps: readonly ConversationStep[]): void => {
  let awaited: string[] = [];
  for (const step of steps) {
    if (step.role === 'tool') expect(step.callId).to.equal(awaited.shift());
    else expect(awaited).to.deep.equal([]);
    if (step.role === 'agent') awaited = step.toolCalls.map(({ id }) => id);
  }
  expect(awaited).to.deep.equal([]);
};
