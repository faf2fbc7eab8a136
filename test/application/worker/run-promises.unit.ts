import { expect } from 'chai';
import { MAX_LOST_LEASES } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { advance, makeProcess, settle } from '../support/harness.ts';
import { busy, makeHeldWorker } from './held-worker.ts';

describe('Running promises', () => {
  it('runs no more promises at once than allowed, the most urgent first', async () => {
    const { process, gate, begun, make } = makeHeldWorker({ work: { concurrency: 2 } });
    for (const [name, priority] of [
      ['d', 9],
      ['b', 3],
      ['c', 3],
      ['a', 1],
    ] as const)
      await make(name, { priority });
    process.worker.start();
    await settle();
    expect(begun).to.deep.equal(['a 1', 'b 1']);
    gate.release('b');
    await settle();
    expect(begun).to.deep.equal(['a 1', 'b 1', 'c 1']);
    gate.release('a');
    gate.release('c');
    await settle();
    expect(gate.held).to.deep.equal(['d']);
  });

  it('retries a promise 60 s after a retryable failure and 120 s after the next, and fails it at the third', async () => {
    const { world, process, gate, begun, make, get, outcomes } = makeHeldWorker();
    const id = await make('read');
    process.worker.start();
    for (const [attempt, waitMs] of [
      [1, 60_000],
      [2, 120_000],
    ] as const) {
      await settle();
      gate.fail('read', busy);
      await settle();
      const promise = await get(id);
      expect(promise).to.deep.include({
        status: 'pending',
        attempts: attempt,
        lastError: { code: 'unavailable', message: 'the table is busy' },
      });
      const wait = (promise as { dueAt: number }).dueAt - world.clock.now();
      expect(wait).to.be.within(waitMs, waitMs * 1.25);
      await advance(world, wait - 1);
      expect(begun).to.have.length(attempt);
      await advance(world, 1);
      expect(begun).to.have.length(attempt + 1);
    }
    expect(await outcomes(id)).to.deep.equal([]);
    gate.fail('read', busy);
    await settle();
    expect(await get(id)).to.include({ status: 'failed', attempts: 3 });
    expect(await outcomes(id)).to.deep.equal(['Promise #1 failed after 3 attempts: read\n\nthe table is busy']);
  });

  for (const [what, error, code] of [
    ['that no repetition would mend', new PortError('invalid-request', 'no such table', { retryable: false }), 'invalid-request'],
    ['of a kind that no executor may throw', new TypeError('no such table'), 'unknown'],
  ] as const)
    it(`fails a promise at once after a failure ${what}`, async () => {
      const { process, gate, make, get, outcomes } = makeHeldWorker();
      const id = await make('read');
      process.worker.start();
      await settle();
      gate.fail('read', error);
      await settle();
      expect(await get(id)).to.deep.include({ status: 'failed', attempts: 1, error: { code, message: 'no such table' } });
      expect(await outcomes(id)).to.deep.equal(['Promise #1 failed: read\n\nno such table']);
    });

  it('aborts an attempt that takes too long, and counts it as a retryable failure', async () => {
    const { world, process, gate, make, get } = makeHeldWorker();
    const id = await make('count');
    process.worker.start();
    await advance(world, 599_999);
    expect(gate.held).to.deep.equal(['count']);
    await advance(world, 1);
    expect(gate.held).to.deep.equal([]);
    expect(await get(id)).to.deep.include({
      status: 'pending',
      failures: 1,
      lastError: { code: 'timeout', message: 'It took longer than 10 minutes.' },
    });
  });

  it('stops running a promise whose workers died too often, and tells its chat', async () => {
    const { world, process, begun, make, get, outcomes } = makeHeldWorker();
    const id = await make('crash');
    for (let death = 0; death <= MAX_LOST_LEASES; death++) {
      const dying = makeProcess(world, { executor: { execute: () => new Promise(() => undefined) } });
      dying.worker.start();
      await settle();
      dying.life.end();
      await advance(world, 30_000, 30_000);
    }
    process.worker.start();
    await settle();
    expect(begun).to.deep.equal([]);
    expect(await get(id)).to.deep.include({ status: 'failed', attempts: MAX_LOST_LEASES + 2 });
    const [told, ...more] = await outcomes(id);
    expect(told).to.include('Its worker died 11 times while running it, so it is not run again.');
    expect(more).to.deep.equal([]);
  });

  it('records the end of a run later if storage fails, without running the promise again', async () => {
    let failures = 3;
    const { world, process, gate, begun, make, get, outcomes } = makeHeldWorker({
      onUnitCall: (call) => {
        if (call === 'promises.update' && failures-- > 0) throw new PortError('storage-full', 'disk full', { retryable: true });
      },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    gate.release('count');
    await advance(world, 60_000);
    expect(await get(id)).to.include({ status: 'completed', attempts: 1, lostLeases: 0 });
    expect(begun).to.deep.equal(['count 1']);
    expect(await outcomes(id)).to.have.length(1);
    expect(process.logger.lines.filter(({ level }) => level === 'error')).to.have.length(3);
  });

  it('fails a promise whose result storage refuses for good, says so, and does not run it again', async () => {
    let refusals = 1;
    const { world, process, gate, begun, make, get, outcomes } = makeHeldWorker({
      onUnitCall: (call) => {
        if (call === 'promises.update' && refusals-- > 0) throw new PortError('invalid-request', 'no such text', { retryable: false });
      },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    gate.release('count');
    await advance(world, 60_000);
    expect(await get(id)).to.deep.include({
      status: 'failed',
      error: { code: 'invalid-request', message: 'It came to an end that could not be stored.' },
    });
    expect(begun).to.deep.equal(['count 1']);
    expect(await outcomes(id)).to.have.length(1);
  });
});
