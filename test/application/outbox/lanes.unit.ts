import { expect } from 'chai';
import { makeMemoryChangeFeed } from '../../../src/adapters/memory/index.ts';
import { makeLanes } from '../../../src/application/outbox/lanes.ts';
import { makeFixedClock, makeRecordingEvents } from '../../../src/testing/index.ts';
import { advance } from '../support/harness.ts';

describe('What is sent lane by lane', () => {
  it('is sent without another change where it falls due between the two reads of a poll', async () => {
    const clock = makeFixedClock();
    const item = { id: 1, dueAt: clock.now() + 1_000 };
    const sent: number[] = [];
    const lanes = makeLanes({
      name: 'test',
      clock,
      changes: makeMemoryChangeFeed(),
      events: makeRecordingEvents(),
      maxLanes: () => 2,
      laneOf: ({ id }: typeof item) => id,
      due: async (now) => (item.dueAt <= now && sent.length === 0 ? [item] : []),
      nextDueAt: async () => {
        if (sent.length > 0) return undefined;
        // It took long to read what is due.
        if (clock.now() < item.dueAt) clock.advance(2_000);
        return item.dueAt;
      },
      waitsUntil: async () => undefined,
      send: async ({ id }) => void sent.push(id),
    });
    lanes.start();
    await advance({ clock }, 5_000, 100);
    expect(sent).to.deep.equal([1]);
    await lanes.stop();
  });
});
