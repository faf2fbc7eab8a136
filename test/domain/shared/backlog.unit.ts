import { expect } from 'chai';
import { makeBacklog } from '../../../src/domain/shared/backlog.ts';

describe('A backlog', () => {
  const backlogOf = (maxHeld: number, take: (item: string) => void = () => undefined) => {
    const taken: string[] = [];
    const backlog = makeBacklog<string>((item) => {
      take(item);
      taken.push(item);
    }, maxHeld);
    return { taken, backlog };
  };

  it('holds what comes until it is asked for it', () => {
    const { taken, backlog } = backlogOf(10);
    for (const item of ['a', 'b', 'c']) backlog.add(item);
    expect(taken).to.deep.equal([]);
    backlog.handOn();
    expect(taken).to.deep.equal(['a', 'b', 'c']);
    backlog.handOn();
    expect(taken).to.deep.equal(['a', 'b', 'c']);
  });

  it('holds no more than so many', () => {
    const { taken, backlog } = backlogOf(2);
    for (const item of ['a', 'b', 'c']) backlog.add(item);
    expect(taken).to.deep.equal(['a', 'b']);
  });

  it('hands on once what comes while others are handed on', () => {
    const taken: number[] = [];
    const backlog = makeBacklog<number>((item) => {
      if (item === 1) for (const more of [4, 5, 6]) backlog.add(more);
      taken.push(item);
    }, 3);
    for (const item of [1, 2, 3]) backlog.add(item);
    backlog.handOn();
    expect(taken.toSorted()).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it('leaves out what throws, and nothing else', () => {
    const { taken, backlog } = backlogOf(10, (item) => {
      if (item === 'b') throw new Error('not that one');
    });
    for (const item of ['a', 'b', 'c']) backlog.add(item);
    expect(() => backlog.handOn()).to.throw('not that one');
    backlog.handOn();
    expect(taken).to.deep.equal(['a', 'c']);
  });
});
