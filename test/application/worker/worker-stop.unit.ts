import { expect } from 'chai';
import { type LeasedPromise, promiseId } from '../../../src/domain/index.ts';
import type { PromiseQueue } from '../../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};
const one = promiseId(1);

const stage = async (options: { readonly deaf?: boolean; readonly heartbeat?: PromiseQueue['heartbeat'] } = {}) => {
  const world = makeWorld();
  if (options.heartbeat) Object.assign(world.storage.queue, { heartbeat: options.heartbeat });
  const gate = makeGate<string>();
  const execute = async ({ description }: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    await gate.hold(description, options.deaf ? undefined : signal);
    return workResult('done');
  };
  const process = makeProcess(world, { executor: { execute }, work: { concurrency: 1 } });
  for (const description of ['first', 'second']) await process.make({ description }, origin);
  process.worker.start();
  await settle();
  const get = (id = one) => world.storage.stores.promises.get(id);
  return { world, gate, process, get };
};

describe('a worker that stops', () => {
  it('takes nothing new, and lets what runs end within the grace', async () => {
    const { world, gate, process, get } = await stage();
    const stopping = process.worker.stop(15_000);
    await advance(world, 14_000);
    gate.release('first');
    await stopping;
    expect(await get()).to.include({ status: 'completed', attempts: 1 });
    expect(await get(promiseId(2))).to.include({ status: 'pending', attempts: 0 });
    expect(world.clock.timers).to.equal(0);
  });

  it('aborts what runs after the grace and hands it back: no attempt is counted, and it is due at once', async () => {
    const { world, gate, process, get } = await stage();
    const stopping = process.worker.stop(15_000);
    await advance(world, 15_000);
    await stopping;
    expect(gate.held).to.deep.equal([]);
    expect(await get()).to.include({ status: 'pending', dueAt: world.clock.now(), attempts: 0, failures: 0, lostLeases: 0 });
    expect(world.clock.timers).to.equal(0);
    const next = makeProcess(world);
    next.worker.start();
    await settle();
    expect(await get()).to.include({ status: 'completed', attempts: 1 });
  });

  it('hands back what runs as soon as it is hurried', async () => {
    const { world, gate, process, get } = await stage();
    expect(process.worker.running()).to.deep.equal([one]);
    const hurry = new AbortController();
    const stopping = process.worker.stop(15_000, hurry.signal);
    await advance(world, 1_000);
    expect(await get()).to.include({ status: 'in_progress' });
    hurry.abort();
    await stopping;
    expect(gate.held).to.deep.equal([]);
    expect(await get()).to.include({ status: 'pending', attempts: 0 });
    expect(process.worker.running()).to.deep.equal([]);
    expect(world.clock.timers).to.equal(0);
  });

  it('keeps its leases alive while it waits for the end of what runs', async () => {
    const { world, gate, process, get } = await stage();
    const stopping = process.worker.stop(120_000);
    await advance(world, 100_000);
    const other = makeProcess(world, { work: { concurrency: 1 } });
    other.worker.start();
    await settle();
    expect(await get()).to.include({ status: 'in_progress', attempts: 1, lostLeases: 0 });
    gate.release('first');
    await stopping;
    expect(await get()).to.include({ status: 'completed' });
  });

  it('does not wait for ever for an executor that ignores the abort: it is left to itself, the promise to its lease', async () => {
    const { world, gate, process, get } = await stage({ deaf: true });
    let stopped = false;
    const stopping = process.worker.stop(15_000).then(() => {
      stopped = true;
    });
    await advance(world, 15_000);
    expect(stopped).to.equal(false);
    await advance(world, 10_000);
    await stopping;
    expect(process.logger.lines.some(({ level, fields }) => level === 'error' && fields.promiseId === one)).to.equal(true);
    expect(await get()).to.include({ status: 'in_progress', attempts: 1 });
    process.life.end();
    const other = makeProcess(world);
    other.worker.start();
    await advance(world, 10_000);
    expect(await get()).to.include({ status: 'in_progress', attempts: 1 });
    await advance(world, 20_000);
    expect(await get()).to.include({ status: 'completed', attempts: 2, lostLeases: 1 });
    expect(gate.held).to.deep.equal(['first']);
    expect(world.gateway.sent).to.deep.equal([]);
  });

  it('sends no heartbeat after it has stopped, even when one was under way', async () => {
    const beats = makeGate<string>();
    const { world, gate, process } = await stage({ heartbeat: () => beats.hold('beat').then(() => [one]) });
    world.clock.advance(10_000);
    await settle();
    gate.release('first');
    await process.worker.stop(0);
    beats.release('beat');
    await settle();
    expect(world.clock.timers).to.equal(0);
  });
});
