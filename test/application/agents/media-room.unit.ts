import { expect } from 'chai';
import { makeMediaRoom } from '../../../src/application/agents/media-room.ts';
import { settle } from '../support/harness.ts';

describe('The room for files that are shown', () => {
  const stage = () => {
    const room = makeMediaRoom(10);
    const inside: string[] = [];
    const come = (name: string, bytes: number) => {
      const [turn, patience] = [new AbortController(), new AbortController()];
      const taken = room.take(bytes, { ended: turn.signal, signal: patience.signal }).then(
        () => inside.push(name),
        (error: unknown) => inside.push(`${name} gave up: ${error instanceof Error ? error.message : ''}`),
      );
      return { end: () => turn.abort(), giveUp: () => patience.abort(new Error('late')), taken };
    };
    return { inside, come };
  };

  it('is taken by as many as it holds; others wait in their order, also the small behind the large', async () => {
    const { inside, come } = stage();
    const [first, second] = [come('first', 6), come('second', 4)];
    come('large', 8);
    come('small', 1);
    await settle();
    expect(inside).to.deep.equal(['first', 'second']);
    second.end();
    await settle();
    expect(inside).to.deep.equal(['first', 'second']);
    first.end();
    await settle();
    expect(inside).to.deep.equal(['first', 'second', 'large', 'small']);
  });

  it('is left to the next by who gives up, and given back once', async () => {
    const { inside, come } = stage();
    const first = come('first', 6);
    const large = come('large', 8);
    come('small', 4);
    large.giveUp();
    await settle();
    expect(inside.toSorted()).to.deep.equal(['first', 'large gave up: late', 'small']);
    for (const _ of [1, 2]) {
      first.end();
      large.end();
      first.giveUp();
    }
    come('third', 6);
    come('fourth', 1);
    await settle();
    expect(inside.slice(3)).to.deep.equal(['third']);
  });

  it('is taken as a whole by what is larger', async () => {
    const { inside, come } = stage();
    const huge = come('huge', 99);
    come('next', 1);
    await settle();
    expect(inside).to.deep.equal(['huge']);
    huge.end();
    await settle();
    expect(inside).to.deep.equal(['huge', 'next']);
  });

  it('is given back at once by a turn that has ended while it waited', async () => {
    const { inside, come } = stage();
    const first = come('first', 10);
    come('second', 10).end();
    come('third', 10);
    first.end();
    await settle();
    expect(inside).to.deep.equal(['first', 'second', 'third']);
  });
});
