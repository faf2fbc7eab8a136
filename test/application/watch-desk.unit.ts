import { expect } from 'chai';
import { makeWatchDesk } from '../../src/application/desk/watch-desk.ts';
import { silentEvents } from '../../src/ports/index.ts';
import { makeFixedClock, START } from '../../src/testing/index.ts';
import { makeChanges } from '../support/http-api.ts';

const turns = async (): Promise<void> => {
  for (let n = 0; n < 20; n++) await Promise.resolve();
};

const watched = () => {
  const state = { promises: '1', approvals: '1' };
  let reads = 0;
  const clock = makeFixedClock(START);
  const changes = makeChanges();
  const read = (topic: keyof typeof state) => async () => {
    reads++;
    return state[topic];
  };
  const watchDesk = makeWatchDesk({
    readers: { promises: read('promises'), approvals: read('approvals') },
    changes,
    clock,
    events: silentEvents,
  });
  const listen = () => {
    const told: string[] = [];
    return { told, end: watchDesk((topic) => told.push(topic)) };
  };
  /** A second later, something has been written. */
  const later = async (): Promise<void> => {
    clock.advance(1_000);
    changes.tell();
    await turns();
  };
  return { state, clock, changes, listen, later, reads: () => reads };
};

describe('The watch for the desk', () => {
  it('tells each topic once at the beginning, then only those that have changed', async () => {
    const { state, listen, later } = watched();
    const { told } = listen();
    await turns();
    expect(told.splice(0)).to.deep.equal(['promises', 'approvals']);
    await later();
    expect(told).to.deep.equal([]);
    state.approvals = '2';
    await later();
    expect(told).to.deep.equal(['approvals']);
  });

  it('reads at most once a second for all who listen, and tells who comes later everything once', async () => {
    const { state, changes, listen, later, reads } = watched();
    const first = listen();
    await turns();
    for (let n = 0; n < 50; n++) changes.tell();
    await turns();
    expect(reads()).to.equal(2);
    first.told.length = 0;
    const second = listen();
    state.promises = '2';
    await later();
    expect([first.told, second.told]).to.deep.equal([['promises'], ['promises', 'approvals']]);
    expect(reads()).to.equal(4);
  });

  it('ends with the last who listens, and begins anew', async () => {
    const { listen, later, reads } = watched();
    const [first, second] = [listen(), listen()];
    await turns();
    first.end();
    first.end();
    second.end();
    const before = reads();
    await later();
    expect(reads()).to.equal(before);
    const third = listen();
    await later();
    expect(third.told).to.deep.equal(['promises', 'approvals']);
    expect(first.told).to.deep.equal(['promises', 'approvals']);
  });
});
