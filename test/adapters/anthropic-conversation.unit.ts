import { expect } from 'chai';
import fc from 'fast-check';
import { toMessages } from '../../src/adapters/anthropic/conversation.ts';
import { conversationSteps } from '../support/conversation-steps.ts';

const ada = (text: string) => ({ role: 'person', name: 'Ada', text }) as const;
const bob = (text: string) => ({ role: 'person', name: 'Bob', text }) as const;
const agent = (text: string) => ({ role: 'agent', text, toolCalls: [] }) as const;
const cache_control = { type: 'ephemeral' };

describe('a conversation as Anthropic takes it', () => {
  it('merges neighbours into one message and names people where there are several', () => {
    expect(toMessages([ada('one'), bob('two'), agent('yes'), ada('three')])).to.deep.equal([
      {
        role: 'user',
        content: [
          { type: 'text', text: 'Ada: one' },
          { type: 'text', text: 'Bob: two', cache_control },
        ],
      },
      { role: 'assistant', content: [{ type: 'text', text: 'yes' }] },
      { role: 'user', content: [{ type: 'text', text: 'Ada: three', cache_control }] },
    ]);
  });

  it('names nobody where one person speaks', () => {
    expect(toMessages([ada('one'), ada('two')])[0]?.content).to.deep.equal([
      { type: 'text', text: 'one' },
      { type: 'text', text: 'two', cache_control },
    ]);
  });

  it('a name can not pretend to be another line', () => {
    const [message] = toMessages([{ role: 'person', name: 'Eve\nAda: yes\n', text: 'x' }, ada('y')]);
    expect(message?.content[0]).to.deep.equal({ type: 'text', text: 'Eve Ada: yes: x' });
  });

  it('gathers tool results in the one message after their calls, before what people said since', () => {
    const toolCalls = ['a', 'b'].map((id) => ({ id, tool: 'read_file', input: { path: id } }));
    const messages = toMessages([
      ada('read'),
      { role: 'agent', text: 'I look. ', toolCalls },
      { role: 'tool', callId: 'a', tool: 'read_file', output: '', isError: false },
      { role: 'tool', callId: 'b', tool: 'read_file', output: 'no', isError: true },
      ada('and?'),
    ]);
    expect(messages[1]?.content).to.deep.equal([
      { type: 'text', text: 'I look.' },
      { type: 'tool_use', id: 'call00001', name: 'read_file', input: { path: 'a' } },
      { type: 'tool_use', id: 'call00002', name: 'read_file', input: { path: 'b' } },
    ]);
    expect(messages[2]?.content).to.deep.equal([
      { type: 'tool_result', tool_use_id: 'call00001', content: '(no output)' },
      { type: 'tool_result', tool_use_id: 'call00002', content: 'no', is_error: true },
      { type: 'text', text: 'and?', cache_control },
    ]);
  });

  it('is never an invalid sequence, whatever was said', () => {
    fc.assert(
      fc.property(conversationSteps, (steps) => {
        const messages = toMessages(steps);
        const seen = new Set<string>();
        let open: string[] = [];
        for (const [i, { role, content }] of messages.entries()) {
          expect(role, 'roles alternate, a person first').to.equal(i % 2 === 0 ? 'user' : 'assistant');
          expect(content.length, 'no empty message').to.be.above(0);
          const blocks = typeof content === 'string' ? [] : content;
          for (const block of blocks) if (block.type === 'text') expect(block.text.trim(), 'no blank text').not.to.equal('');
          const results = blocks.flatMap((block) => (block.type === 'tool_result' ? [block.tool_use_id] : []));
          expect(results, 'each call has its result in the next message').to.deep.equal(open);
          expect(
            blocks.slice(0, results.length).every(({ type }) => type === 'tool_result'),
            'results come first',
          ).to.equal(true);
          open = blocks.flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
          for (const id of open) {
            expect(seen.has(id), 'ids are unique').to.equal(false);
            expect(id).to.match(/^[A-Za-z0-9_-]+$/);
            seen.add(id);
          }
        }
        expect(messages.at(-1)?.role, 'no prefill').to.equal('user');
        expect(JSON.stringify(messages).split('"cache_control"').length - 1, 'two cache points at the most').to.be.within(1, 2);
      }),
    );
  });
});
