import { expect } from 'chai';
import type { PromiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { START, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeWorld, type Process, settle } from '../support/harness.ts';
import { makeHeldWorker } from './held-worker.ts';

describe('A promise that ends while it runs', () => {
  it('aborts the run of a promise that is cancelled, and tells its chat once', async () => {
    const { process, gate, make, get, outcomes } = makeHeldWorker();
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    await settle();
    expect(gate.held).to.deep.equal([]);
    expect((await get(id)).status).to.equal('cancelled');
    expect(await outcomes(id)).to.deep.equal(['Promise #1 is cancelled: count\n\nBy the operator.']);
  });

  for (const [how, end] of [
    ['cancelled', (process: Process, id: PromiseId) => process.cancel(id)],
    ['failed by its deadline', (process: Process) => process.deadlines.start()],
  ] as const) {
    it(`allows a retry of a promise ${how} while it runs as soon as that run has ended, and not before`, async () => {
      const gate = makeGate<number>();
      const { world, process, make, get } = makeHeldWorker({
        executor: { execute: ({ attempts }) => gate.hold(attempts).then(() => workResult('done')) },
      });
      const id = await make('count', { deadline: START + 10_000 });
      process.worker.start();
      await advance(world, 10_000);
      await end(process, id);
      await advance(world, 4_000);
      expect(await process.retry(id)).to.have.nested.property('error.code', 'promise/lease-held');
      expect(gate.held).to.deep.equal([1]);
      gate.release(1);
      await settle();
      expect(await process.retry(id)).to.include({ ok: true });
      await advance(world, 60_000);
      gate.release(2);
      await settle();
      expect(await get(id)).to.include({ status: 'completed', lostLeases: 0 });
    });

    it(`allows a retry of a promise ${how} while its run ignores the abort when the lease of that run has expired, and not before`, async () => {
      const gate = makeGate<number>();
      const { world, process, make } = makeHeldWorker({
        executor: { execute: ({ attempts }) => gate.hold(attempts).then(() => workResult('done')) },
      });
      const id = await make('count', { deadline: START + 10_000 });
      process.worker.start();
      await advance(world, 10_000);
      await end(process, id);
      await advance(world, 29_999);
      expect(await process.retry(id))
        .to.have.nested.property('error.message')
        .that.matches(/try again in 1 s$/);
      await advance(world, 1);
      expect(await process.retry(id)).to.include({ ok: true });
      await settle();
      expect(gate.held).to.deep.equal([1, 2]);
    });
  }

  it('allows a retry of a cancelled promise when its lease has expired if storage could not release it', async () => {
    const world = makeWorld();
    const releaseLeases = () => Promise.reject(new PortError('unavailable', 'cut off', { retryable: true }));
    const cut = { ...world, storage: { ...world.storage, queue: { ...world.storage.queue, releaseLeases } } };
    const { process, make } = makeHeldWorker({}, cut);
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    await advance(world, 29_999);
    expect(await process.retry(id)).to.have.nested.property('error.code', 'promise/lease-held');
    expect(process.logger.lines.filter(({ message }) => /could not be released/.test(message))).to.have.length(1);
    await advance(world, 1);
    expect(await process.retry(id)).to.include({ ok: true });
  });

  it('drops the result of a run that succeeds although its promise was cancelled', async () => {
    const gate = makeGate<string>();
    const { process, make, get, outcomes } = makeHeldWorker({
      executor: { execute: ({ description }) => gate.hold(description).then(() => workResult('too late')) },
    });
    const id = await make('count');
    process.worker.start();
    await settle();
    await process.cancel(id);
    gate.release('count');
    await settle();
    expect((await get(id)).status).to.equal('cancelled');
    expect(await outcomes(id)).to.have.length(1);
    expect(process.logger.lines.some(({ message }) => message.includes('too late'))).to.equal(true);
  });
});
