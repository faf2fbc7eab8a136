import { expect } from 'chai';
import fc from 'fast-check';
import { toChatMessages } from '../../src/adapters/openai/conversation.ts';
import { conversationSteps } from '../support/conversation-steps.ts';

const ada = (text: string) => ({ role: 'person', name: 'Ada', text }) as const;
const bob = (text: string) => ({ role: 'person', name: 'Bob', text }) as const;

describe('a conversation as Chat Completions takes it', () => {
  it('merges neighbours, names people where there are several, and tells failures in words', () => {
    const toolCalls = [{ id: 'a', tool: 'read_file', input: 'no json' }];
    expect(
      toChatMessages('Be brief.', [
        ada('one'),
        bob('two'),
        { role: 'agent', text: 'A result.', toolCalls: [] },
        { role: 'agent', text: 'I look.', toolCalls },
        { role: 'tool', callId: 'a', tool: 'read_file', output: 'not an object', isError: true },
      ]),
    ).to.deep.equal([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Ada: one\n\nBob: two' },
      {
        role: 'assistant',
        content: 'A result.\n\nI look.',
        tool_calls: [{ id: 'a', type: 'function', function: { name: 'read_file', arguments: '{"invalid_input":"no json"}' } }],
      },
      { role: 'tool', tool_call_id: 'a', content: 'Error: not an object' },
    ]);
  });

  it('says of what was overheard that it was not said to the agent', () => {
    expect(toChatMessages('', [{ ...bob('it\nrains'), overheard: true }, ada('Shall I take an umbrella?')])).to.deep.equal([
      { role: 'user', content: '(Overheard, not said to you) Bob: it\nrains\n\nAda: Shall I take an umbrella?' },
    ]);
    expect(toChatMessages('', [{ ...ada('it rains'), overheard: true }, ada('And now?')])).to.deep.equal([
      { role: 'user', content: '(Overheard, not said to you) Ada: it rains\n\nAnd now?' },
    ]);
  });

  it('is never an invalid sequence, whatever was said', () => {
    fc.assert(
      fc.property(conversationSteps, (steps) => {
        const messages = toChatMessages('', steps);
        expect(messages[0]?.role).to.equal('user');
        const seen = new Set<string>();
        for (const [i, message] of messages.entries()) {
          const before = messages[i - 1]?.role;
          if (message.role === 'user') expect(before, 'no two of one role').not.to.equal('user');
          if (message.role === 'tool') expect(before).to.be.oneOf(['assistant', 'tool']);
          if (message.role !== 'assistant') continue;
          expect(before).not.to.equal('assistant');
          const calls = message.tool_calls ?? [];
          if (calls.length === 0) expect(String(message.content).trim()).not.to.equal('');
          const results = messages.slice(i + 1, i + 1 + calls.length).map((next) => (next.role === 'tool' ? next.tool_call_id : next.role));
          expect(results, 'every call is answered at once').to.deep.equal(calls.map(({ id }) => id));
          for (const { id } of calls) {
            expect(seen.has(id), 'ids are unique').to.equal(false);
            expect(id).to.match(/^[A-Za-z0-9_-]{1,40}$/);
            seen.add(id);
          }
        }
      }),
    );
  });
});
