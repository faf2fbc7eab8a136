import { expect } from 'chai';
import { MAX_OUTBOX_AGE_MS, type OutboxId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildOutboxDraft, makeRecordingGateway, START, undelivered } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';
import { HOUR, origin, startDelivery } from './outbox-harness.ts';

describe('Sends that are given up', () => {
  it('gives up a refused outcome, logs the reason, keeps its promise undelivered, and sends the next message (invariant 3)', async () => {
    const world = await startDelivery([]);
    const made = await world.process.make({ description: 'count' }, origin);
    world.gateway.failNext(1, 'before', new PortError('invalid-request', 'the chat is gone', { retryable: false }));
    world.process.worker.start();
    await settle();
    await world.add(501, 'next');
    await settle();
    expect(await world.item(1)).to.include({ status: 'failed', lastError: 'the chat is gone', failedAt: START });
    const [untold] = await undelivered(world.storage.stores.promises, 10);
    expect(untold).to.include({ id: made.ok && made.value.promise.id, status: 'completed' });
    expect(world.process.logger.lines.some(({ level, fields }) => level === 'error' && fields.reason === 'the chat is gone')).to.equal(
      true,
    );
    expect(world.texts()).to.deep.equal(['next']);
  });

  it('gives up no message because of wrong credentials, which can be corrected (invariant 3)', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(20, 'before', new PortError('unauthorised', 'logged out', { retryable: false }));
    await world.add(501, 'a');
    await advance(world, HOUR, 30_000);
    expect(world.texts()).to.deep.equal(['a']);
  });

  it('repeats a failing send for 24 hours, then gives it up', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(10_000, 'before');
    await world.add(501, 'a');
    await advance(world, 23 * HOUR, 60_000);
    expect(await world.item(1)).to.include({ status: 'pending' });
    await advance(world, HOUR, 60_000);
    expect(await world.item(1)).to.include({ status: 'failed', lastError: 'the other side is down (given up after 24 hours)' });
    const attempts = world.gateway.attempts.length;
    await advance(world, HOUR, 60_000);
    expect(world.gateway.attempts).to.have.length(attempts);
  });

  it('repeats no send of unknown result that is older than 24 hours, because it could arrive twice', async () => {
    const world = await startDelivery([]);
    world.gateway.failNext(1, 'after');
    await world.add(501, 'a');
    await settle();
    await world.process.deliverer.stop();
    await advance(world, MAX_OUTBOX_AGE_MS + 1, HOUR);
    const next = makeProcess(world);
    next.deliverer.start();
    await settle();
    expect(world.gateway.attempts).to.have.length(1);
    expect(await world.item(1)).to.include({ status: 'failed' });
  });

  it('repeats no send that a process was killed in more than 24 hours before the next start', async () => {
    const world = makeWorld();
    const life = makeLifetime();
    const sends: string[] = [];
    const send = ({ text }: { readonly text: string }): Promise<never> => {
      sends.push(text);
      return new Promise(() => undefined);
    };
    const first = makeProcess(world, {
      life,
      gateways: [{ ...makeRecordingGateway(), send }],
    });
    await world.storage.stores.outbox.add(buildOutboxDraft());
    first.deliverer.start();
    await settle();
    expect(sends).to.have.length(1);
    life.end();
    await advance(world, 3 * MAX_OUTBOX_AGE_MS, HOUR);
    const next = makeProcess(world);
    next.deliverer.start();
    await settle();
    expect(world.gateway.attempts).to.deep.equal([]);
    expect(await world.storage.stores.outbox.get(1 as OutboxId)).to.include({
      status: 'failed',
      lastError: 'it may have arrived (given up after 24 hours)',
    });
  });

  it('sends a message younger than 24 hours that was stored before the start', async () => {
    const world = await startDelivery([]);
    await world.process.deliverer.stop();
    await world.add(501, 'a');
    await advance(world, MAX_OUTBOX_AGE_MS - HOUR, HOUR);
    makeProcess(world).deliverer.start();
    await settle();
    expect(world.texts()).to.deep.equal(['a']);
  });
});
