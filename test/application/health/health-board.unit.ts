import { expect } from 'chai';
import { makeHealthBoard, makeRunProbes } from '../../../src/application/index.ts';
import type { HealthProbe, ProbeDepth } from '../../../src/ports/index.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';

const stage = () => {
  const clock = makeFixedClock();
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  let holds = false;
  const probe = (id: string, depth: ProbeDepth): HealthProbe => ({
    id,
    depth,
    limitMs: 60_000,
    late: { status: 'fail' },
    probe: async () => {
      asked.push(id);
      if (holds) await new Promise<void>((resolve) => waiting.push(resolve));
      return { status: 'ok', message: 'well', reply: 'me' };
    },
  });
  const probes = [probe('a.near', 'local'), probe('a.far', 'cheap'), probe('agent.dear', 'deep')];
  const board = makeHealthBoard({ probes, run: makeRunProbes({ clock }), clock });
  return {
    clock,
    board,
    asked,
    hold: () => {
      holds = true;
    },
    release: async () => {
      holds = false;
      for (const resolve of waiting.splice(0)) resolve();
      await settle();
    },
  };
};

describe('the board of health', () => {
  it('asks once for all who come at the same time, however many', async () => {
    const { board, asked, hold, release } = stage();
    hold();
    const all = Array.from({ length: 100 }, () => board.read('local'));
    await settle();
    expect(asked).to.deep.equal(['a.near']);
    await release();
    const [first, ...others] = await Promise.all(all);
    expect(others.every((readings) => readings === first)).to.equal(true);
  });

  it('takes what it found for a while, and then asks again', async () => {
    const { board, asked, clock } = stage();
    await board.read('local');
    clock.advance(1_999);
    await board.read('local');
    expect(asked).to.deep.equal(['a.near']);
    clock.advance(1);
    await board.read('local');
    expect(asked).to.deep.equal(['a.near', 'a.near']);
  });

  it('asks what costs money once a minute at the most, and remembers what came of it', async () => {
    const { board, asked, clock } = stage();
    expect(board.lastDeep()).to.deep.equal([]);
    await board.read('deep');
    clock.advance(59_999);
    await board.read('deep');
    expect(asked.filter((id) => id === 'agent.dear')).to.have.length(1);
    expect(board.lastDeep().map(({ check, reply }) => [check.id, reply])).to.deep.equal([['agent.dear', 'me']]);
    clock.advance(1);
    await board.read('deep');
    expect(asked.filter((id) => id === 'agent.dear')).to.have.length(2);
  });

  it('leaves out of what is told at once whatever goes further, and tells it as skipped otherwise', async () => {
    const { board } = stage();
    const told = async (depth: ProbeDepth) => (await board.read(depth)).map(({ check: { id, status } }) => `${id} ${status}`);
    expect(await told('local')).to.deep.equal(['a.near ok']);
    expect(await told('cheap')).to.deep.equal(['a.near ok', 'a.far ok', 'agent.dear skipped']);
    expect(await told('deep')).to.deep.equal(['a.near ok', 'a.far ok', 'agent.dear ok']);
  });
});
