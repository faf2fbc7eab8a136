import { expect } from 'chai';
import type { PromiseId } from '../../../src/domain/index.ts';
import { PortError, type PromiseRequest } from '../../../src/ports/index.ts';
import { START, telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, type ProcessOptions, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};
const MINUTE = 60_000;

const stage = (options: ProcessOptions = {}) => {
  const world = makeWorld();
  const gate = makeGate<string>();
  const begun: string[] = [];
  const executor: ProcessOptions['executor'] = {
    execute: async ({ description }, { signal }) => {
      begun.push(description);
      await gate.hold(description, signal);
      return workResult(`${description} done`);
    },
  };
  const start = () => makeProcess(world, { executor, ...options });
  const process = start();
  const make = async (description: string, request: Partial<PromiseRequest> = {}): Promise<PromiseId> => {
    const made = await process.make({ description, ...request }, origin);
    if (!made.ok) throw new Error(made.error.message);
    return made.value.promise.id;
  };
  const get = async (id: PromiseId) => {
    const promise = await world.storage.stores.promises.get(id);
    if (!promise) throw new Error(`no promise #${id}`);
    return promise;
  };
  return { world, process, start, gate, begun, make, get, sent: () => world.gateway.sent.map(({ text }) => text) };
};

const passed = { status: 'failed', error: { code: 'promise/deadline-passed', message: 'It was not done by its deadline.' } };

describe('deadlines', () => {
  it('a promise that nobody runs fails at its deadline, and its chat is told', async () => {
    const { world, process, make, get, sent } = stage();
    process.deadlines.start();
    process.deliverer.start();
    await settle();
    const id = await make('count', { deadline: START + 1_500 });
    await advance(world, 1_499, 100);
    expect(await get(id)).to.include({ status: 'pending' });
    await advance(world, 1);
    expect(await get(id)).to.deep.include({ ...passed, completedAt: START + 1_500, deliveredAt: START + 1_500 });
    expect(sent()).to.deep.equal(['Promise #1 failed: count\n\nIt was not done by its deadline.']);
  });

  it('what waits for it fails with its name', async () => {
    const { world, process, make, get } = stage();
    process.deadlines.start();
    const parent = await make('count', { deadline: START + MINUTE });
    const child = await make('compare', { dependsOn: [parent] });
    await advance(world, MINUTE);
    expect(await get(child)).to.deep.include({
      status: 'failed',
      error: { code: 'promise/parent-failed', message: 'it depends on promise #1 (count), which failed' },
    });
  });

  it('a run is aborted at the deadline, also where nothing else watches it, and is not tried again', async () => {
    const { world, process, gate, begun, make, get } = stage();
    const id = await make('count', { deadline: START + MINUTE });
    process.worker.start();
    await advance(world, MINUTE);
    expect(await get(id)).to.deep.include({ ...passed, attempts: 1 });
    expect(gate.held).to.deep.equal([]);
    await advance(world, 10 * MINUTE);
    expect(begun).to.deep.equal(['count']);
  });

  it('one that is claimed after its deadline is not run', async () => {
    const { world, process, begun, make, get } = stage();
    const id = await make('count', { deadline: START + MINUTE });
    world.clock.advance(MINUTE);
    process.worker.start();
    await settle();
    expect(await get(id)).to.deep.include(passed);
    expect(begun).to.deep.equal([]);
  });

  it('an attempt that takes its longest before the deadline is a timeout, and is tried again', async () => {
    const { world, process, make, get } = stage({ work: { attemptTimeoutMs: MINUTE } });
    const id = await make('count', { deadline: START + 10 * MINUTE });
    process.worker.start();
    await advance(world, MINUTE);
    expect(await get(id)).to.deep.include({ status: 'pending', failures: 1 });
  });

  it('a back-off that would end after the deadline ends with it', async () => {
    const { world, process, gate, make, get } = stage();
    const id = await make('count', { deadline: START + MINUTE / 2 });
    process.worker.start();
    process.deadlines.start();
    await settle();
    gate.fail('count', new PortError('unavailable', 'busy', { retryable: true }));
    await advance(world, MINUTE / 2);
    expect(await get(id)).to.deep.include(passed);
  });

  it('two processes that watch it fail it once', async () => {
    const { world, process, start, make, get, sent } = stage();
    const other = start();
    process.start();
    other.deadlines.start();
    const id = await make('count', { deadline: START + MINUTE });
    await advance(world, 2 * MINUTE);
    expect(await get(id)).to.deep.include(passed);
    expect(sent()).to.have.length(1);
  });

  it('one that storage refuses to fail holds up none of the others', async () => {
    let refusals = 0;
    const { world, start, make, get } = stage({
      onUnitCall: (call) => {
        if (call === 'promises.update' && refusals++ === 0) throw new PortError('storage-corrupt', 'no', { retryable: false });
      },
    });
    const first = await make('count', { deadline: START + MINUTE });
    const second = await make('sum', { deadline: START + MINUTE });
    start().deadlines.start();
    await settle();
    world.clock.advance(MINUTE);
    await settle();
    expect(await get(first)).to.include({ status: 'pending' });
    expect(await get(second)).to.deep.include(passed);
  });

  it('a promise that is kept in time does not fail', async () => {
    const { world, process, gate, make, get } = stage();
    process.start();
    const id = await make('count', { deadline: START + MINUTE });
    await settle();
    gate.release('count');
    await advance(world, 2 * MINUTE);
    expect(await get(id)).to.include({ status: 'completed' });
  });

  it('tried again by hand, it has no deadline any more', async () => {
    const { world, process, gate, make, get } = stage();
    process.start();
    const id = await make('count', { deadline: START + MINUTE });
    await advance(world, MINUTE);
    await process.retry(id);
    await advance(world, MINUTE);
    gate.release('count');
    await settle();
    expect(await get(id)).to.include({ status: 'completed' });
  });
});
