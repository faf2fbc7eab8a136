import { expect } from 'chai';
import { noteOf } from '../../../src/domain/conversation/conversation.ts';
import { withTimeNotes } from '../../../src/domain/conversation/time-notes.ts';
import type { ConversationStep } from '../../../src/domain/index.ts';
import { START } from '../../../src/testing/index.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const said = (text: string, at: number): ConversationStep => ({ role: 'person', name: 'Ada', text, at });
const answer: ConversationStep = { role: 'agent', text: 'Yes.', toolCalls: [] };
const texts = (steps: readonly ConversationStep[]) => steps.map((step) => (step.role === 'tool' ? step.output : step.text));

describe('the times in a conversation', () => {
  it('tells at its end what time it is, on the clocks of the time zone', () => {
    const at = Date.parse('2026-11-29T16:41:59Z');
    expect(withTimeNotes([said('hi', at)], at, 'Pacific/Kiritimati')).to.deep.equal([
      said('hi', at),
      noteOf('(Note: it is Monday, 2026-11-30 06:41, on the clocks of Pacific/Kiritimati.)'),
    ]);
    expect(texts(withTimeNotes([], at))).to.deep.equal(['(Note: it is Sunday, 2026-11-29 16:41, on the clocks of UTC.)']);
  });

  it('tells where it went on after an hour, or on another day of the time zone, and nowhere else', () => {
    const soon = [said('one', START), answer, said('two', START + 59 * MINUTE)];
    expect(texts(withTimeNotes(soon, START + HOUR))).to.have.length(4);
    const later = [said('one', START), answer, said('two', START + 2 * 24 * HOUR)];
    expect(texts(withTimeNotes(later, START + 2 * 24 * HOUR))).to.deep.equal([
      'one',
      'Yes.',
      '(Note: what follows is of Tuesday, 2026-11-24 12:00; the message before it is of Sunday, 2026-11-22 12:00.)',
      'two',
      '(Note: it is Tuesday, 2026-11-24 12:00, on the clocks of UTC.)',
    ]);
    const midnight = Date.parse('2026-11-22T23:00:00Z');
    const overMidnight = [said('one', midnight - MINUTE), said('two', midnight)];
    expect(withTimeNotes(overMidnight, midnight, 'Europe/Berlin')).to.have.length(4);
    expect(withTimeNotes(overMidnight, midnight, 'UTC')).to.have.length(3);
  });

  it('tells when the last message was sent, where that was an hour ago', () => {
    expect(texts(withTimeNotes([said('in 10 minutes, please', START)], START + 4 * HOUR)).at(-1)).to.equal(
      '(Note: it is Sunday, 2026-11-22 16:00, on the clocks of UTC. The last message is of Sunday, 2026-11-22 12:00.)',
    );
  });

  it('changes no earlier word when the conversation goes on', () => {
    const steps = [0, 1, 30, 31, 100].map((hours) => said(`${hours}`, START + hours * HOUR));
    const grown = steps.map((_, at) => withTimeNotes(steps.slice(0, at + 1), START + 200 * HOUR).slice(0, -1));
    for (const [at, shorter] of grown.entries()) expect(grown.at(-1)?.slice(0, grown[at]?.length)).to.deep.equal(shorter);
  });
});
