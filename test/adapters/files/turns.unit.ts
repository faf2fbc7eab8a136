import { expect } from 'chai';
import { makeTurns } from '../../../src/adapters/files/turns.ts';
import { isPortError } from '../../../src/ports/index.ts';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('Turns', () => {
  const { signal } = new AbortController();
  const start = (limits = { places: 2, perTenant: 1, waitingPerTenant: 3 }) => {
    const turns = makeTurns(limits);
    const begun: string[] = [];
    const ends = new Map<string, () => void>();
    const take = (name: string, at = signal): Promise<unknown> =>
      turns.take(name.slice(0, 1), at).then(
        (end) => {
          begun.push(name);
          ends.set(name, end);
        },
        (error: unknown) => (isPortError(error) ? error.code : error),
      );
    const end = (name: string): void => ends.get(name)?.();
    return { take, end, begun };
  };

  it('gives one tenant no more than its share while places are free', async () => {
    const { take, begun, end } = start();
    void take('a1');
    void take('a2');
    void take('b1');
    await settle();
    expect(begun).to.deep.equal(['a1', 'b1']);
    end('a1');
    await settle();
    expect(begun).to.deep.equal(['a1', 'b1', 'a2']);
  });

  it('takes turns by tenant, however many of one wait', async () => {
    const { take, begun, end } = start({ places: 1, perTenant: 1, waitingPerTenant: 9 });
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'c1', 'b2']) void take(name);
    for (let i = 0; i < 7; i++) {
      await settle();
      end(begun[i] ?? '');
    }
    expect(begun).to.deep.equal(['a1', 'a2', 'b1', 'c1', 'a3', 'b2', 'a4']);
  });

  it('lets whoever aborts leave the queue at once, and refuses more than may wait in words', async () => {
    const { take, begun, end } = start({ places: 1, perTenant: 1, waitingPerTenant: 2 });
    const stop = new AbortController();
    void take('a1');
    const left = take('a2', stop.signal);
    void take('a3');
    expect(await take('a4')).to.equal('rate-limited');
    stop.abort();
    expect(await left).to.equal('aborted');
    expect(await take('b1', stop.signal)).to.equal('aborted');
    void take('a5');
    for (const name of ['a1', 'a3', 'a5']) {
      await settle();
      end(name);
    }
    void take('b2');
    await settle();
    expect(begun).to.deep.equal(['a1', 'a3', 'a5', 'b2']);
  });
});
