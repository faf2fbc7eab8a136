import { expect } from 'chai';
import fc from 'fast-check';
import type { ConversationStep } from '../../../src/domain/conversation/conversation.ts';
import { withSteadyBeginning } from '../../../src/domain/conversation/steady-beginning.ts';
import { telegramMessage } from '../../../src/testing/index.ts';

const person = (id: number): ConversationStep => ({ role: 'person', name: 'Ada', text: `${id}`, messageId: telegramMessage(id) });
const agent: ConversationStep = { role: 'agent', text: 'yes', toolCalls: [] };
/** Questions whose numbers are so far apart, each with its answer. */
const talk = (turns: number, apart: number, from = 1): ConversationStep[] =>
  Array.from({ length: turns }, (_, i) => [person(from + i * apart), agent]).flat();

describe('the beginning of a conversation of which only the end is shown', () => {
  it('stays the same for most turns, whatever the distance between the numbers of messages', () => {
    for (const apart of [1, 2, 3, 4, 7, 10]) {
      const all = talk(400, apart);
      const beginnings = Array.from({ length: 300 }, (_, turn) => withSteadyBeginning(all.slice(turn * 2, turn * 2 + 51), 1)[0]);
      const changes = beginnings.filter((step, turn) => turn > 0 && step !== beginnings[turn - 1]).length;
      expect(changes, `${apart} apart`).to.be.below(100);
    }
  });

  it('leaves out no more than half of what was said before, and nothing of what is asked', () => {
    fc.assert(
      fc.property(fc.nat(40), fc.nat(9), fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 5 }), (turns, asked, from, apart) => {
        const steps = [...talk(turns, apart, from), ...Array.from({ length: asked }, (_, i) => person(2e9 + i))];
        const shown = withSteadyBeginning(steps, asked);
        expect(steps.slice(-shown.length || steps.length)).to.deep.equal(shown);
        expect(shown.length - asked).to.be.at.least((steps.length - asked) / 2);
      }),
    );
  });

  it('is as it was where no message has a number', () => {
    const steps: ConversationStep[] = [{ role: 'person', name: 'Ada', text: 'x' }, agent, agent, agent];
    expect(withSteadyBeginning(steps, 0)).to.equal(steps);
  });
});
