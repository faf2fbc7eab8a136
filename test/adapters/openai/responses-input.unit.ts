import { expect } from 'chai';
import fc from 'fast-check';
import { responsesMark, toResponsesInput } from '../../../src/adapters/openai/responses-input.ts';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { brokenResponsesRules } from '../../fakes/openai/responses-rules.ts';
import { conversationSteps } from '../../support/conversation-steps.ts';

const NAME = 'openai/gpt-5.5';
const person = (text: string): ConversationStep => ({ role: 'person', name: 'Ada', text });
const calls = (...ids: readonly string[]) => ids.map((id) => ({ id, tool: 'look', input: {} }));
const result = (callId: string): ConversationStep => ({ role: 'tool', callId, tool: 'look', output: 'seen', isError: false });
const items = (...ids: readonly string[]) => [
  { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: 'sealed' },
  ...ids.map((call_id) => ({ type: 'function_call', call_id, name: 'look', arguments: '{}' })),
];
const attached = (...ids: readonly string[]) => ({ by: responsesMark(NAME), content: items(...ids) });
const typesOf = (steps: readonly ConversationStep[]) =>
  toResponsesInput(steps, NAME).map((item) => ('role' in item && item.role ? item.role : item.type));

describe('A conversation as the Responses API takes it', () => {
  it('is what the API takes, whatever was said and called', () => {
    fc.assert(
      fc.property(conversationSteps, (steps) => {
        const input = toResponsesInput(steps, NAME);
        expect(brokenResponsesRules({ model: 'm', store: false, input })).to.deep.equal([]);
      }),
    );
  });

  it('gives the items of a reply back as they came, and a result to each call in them', () => {
    const steps = [
      person('hello'),
      { role: 'agent', text: 'x', toolCalls: calls('own_1'), attached: attached('own_1', 'own_2') },
      result('own_1'),
    ];
    const input = toResponsesInput(steps as ConversationStep[], NAME);
    expect(input.slice(1, 4)).to.deep.equal(items('own_1', 'own_2'));
    expect(input.slice(4)).to.deep.equal([
      { type: 'function_call_output', call_id: 'own_2', output: 'Error: Not run.' },
      { type: 'function_call_output', call_id: 'own_1', output: 'seen' },
    ]);
    expect(brokenResponsesRules({ model: 'm', store: false, input })).to.deep.equal([]);
  });

  it('gives nothing back that was attached over Chat Completions, by others, or for fewer calls', () => {
    for (const other of [{ by: NAME, content: items('own_1') }, { by: 'other/x', content: 1 }, attached()])
      expect(
        typesOf([person('hello'), { role: 'agent', text: '', toolCalls: calls('own_1'), attached: other }, result('own_1')]),
      ).to.deep.equal(['user', 'function_call', 'function_call_output']);
  });

  it('gives each call an id of its own where two replies used the same', () => {
    const step = (): readonly ConversationStep[] => [
      { role: 'agent', text: '', toolCalls: calls('c'), attached: attached('c') },
      result('c'),
    ];
    const input = toResponsesInput([person('hello'), ...step(), ...step()], NAME);
    expect(brokenResponsesRules({ model: 'm', store: false, input })).to.deep.equal([]);
  });

  it('begins with a person, and asks to go on behind words of the model', () => {
    expect(typesOf([{ role: 'agent', text: 'Good morning.', toolCalls: [] }])).to.deep.equal(['user', 'assistant', 'user']);
  });

  it('has no tools left for a model that can call none, which is told so', () => {
    const steps: readonly ConversationStep[] = [person('hello'), { role: 'agent', text: 'I look.', toolCalls: calls('a') }, result('a')];
    const input = toResponsesInput(steps, NAME, 'without tools');
    expect(JSON.stringify(input)).to.include('No tool can be called here').and.not.to.include('function_call');
  });
});
