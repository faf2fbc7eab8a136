import { expect } from 'chai';
import { type LeasedPromise, type PromiseId, promiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { telegramChat, telegramMessage, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { makeProcess, makeWorld, settle } from '../support/harness.ts';

const origin = {
  chatId: telegramChat(501),
  chatKind: 'direct' as const,
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(501) },
};

/** Promises by their names, each held until it is released. */
const stage = () => {
  const world = makeWorld();
  const gate = makeGate<string>();
  const begun: string[] = [];
  const execute = async ({ description }: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    begun.push(description);
    await gate.hold(description, signal);
    return workResult(`${description} done`);
  };
  const process = makeProcess(world, { executor: { execute } });
  const ids = new Map<string, PromiseId>();
  const make = async (name: string, ...parents: string[]) => {
    const result = await process.make({ description: name, dependsOn: parents.map((parent) => ids.get(parent) as PromiseId) }, origin);
    if (!result.ok) throw new Error(result.error.message);
    ids.set(name, result.value.promise.id);
  };
  const id = (name: string): PromiseId => ids.get(name) ?? promiseId(999);
  const status = async (name: string) => (await world.storage.stores.promises.get(id(name)))?.status;
  const outcomes = () => world.gateway.sent.map(({ text }) => text.split('\n')[0]);
  process.start();
  return { world, process, gate, begun, make, id, status, outcomes };
};
const refused = new PortError('invalid-request', 'no such table', { retryable: false });

describe('promises that wait for others', () => {
  it('a chain runs one after the other, to its end', async () => {
    const { make, gate, begun, outcomes } = stage();
    await make('a');
    await make('b', 'a');
    await make('c', 'b');
    for (const name of ['a', 'b', 'c']) {
      await settle();
      expect(gate.held).to.deep.equal([name]);
      gate.release(name);
    }
    await settle();
    expect(begun).to.deep.equal(['a', 'b', 'c']);
    expect(outcomes()).to.deep.equal(['Promise #1 is kept: a', 'Promise #2 is kept: b', 'Promise #3 is kept: c']);
  });

  it('a diamond: the sides run together, the end once, when both are done', async () => {
    const { make, gate, begun, status } = stage();
    await make('top');
    await make('left', 'top');
    await make('right', 'top');
    await make('end', 'left', 'right');
    await settle();
    gate.release('top');
    await settle();
    expect(gate.held).to.deep.equal(['left', 'right']);
    gate.release('left');
    await settle();
    expect(await status('end')).to.equal('waiting');
    gate.release('right');
    await settle();
    gate.release('end');
    await settle();
    expect(begun).to.deep.equal(['top', 'left', 'right', 'end']);
    expect(await status('end')).to.equal('completed');
  });

  it('the sides of a diamond that end at the same moment release its end once', async () => {
    const { make, gate, begun } = stage();
    await make('left');
    await make('right');
    await make('end', 'left', 'right');
    await settle();
    gate.release('left');
    gate.release('right');
    await settle();
    expect(begun).to.deep.equal(['left', 'right', 'end']);
  });

  it('a failure goes down to everything that waits for it, one outcome each', async () => {
    const { make, gate, status, outcomes } = stage();
    await make('top');
    await make('left', 'top');
    await make('right', 'top');
    await make('end', 'left', 'right');
    await make('other');
    await settle();
    gate.fail('top', refused);
    gate.release('other');
    await settle();
    for (const name of ['top', 'left', 'right', 'end']) expect(await status(name), name).to.equal('failed');
    expect(await status('other')).to.equal('completed');
    expect(outcomes().toSorted()).to.deep.equal([
      'Promise #1 failed: top',
      'Promise #2 failed: left',
      'Promise #3 failed: right',
      'Promise #4 failed: end',
      'Promise #5 is kept: other',
    ]);
  });

  it('a cancellation goes down too, and aborts what runs', async () => {
    const { make, process, gate, id, status, outcomes } = stage();
    await make('top');
    await make('end', 'top');
    await settle();
    await process.cancel(id('top'));
    await settle();
    expect(gate.held).to.deep.equal([]);
    expect([await status('top'), await status('end')]).to.deep.equal(['cancelled', 'failed']);
    expect(outcomes()).to.deep.equal(['Promise #1 is cancelled: top', 'Promise #2 failed: end']);
  });

  it('a child that is retried by hand waits for its parents again, and fails again while one of them stays failed', async () => {
    const { make, process, gate, id, status, outcomes } = stage();
    await make('top');
    await make('end', 'top');
    await settle();
    gate.fail('top', refused);
    await settle();
    const early = await process.retry(id('end'));
    expect(early.ok && early.value.status).to.equal('failed');
    await process.retry(id('top'));
    const waiting = await process.retry(id('end'));
    expect(waiting.ok && waiting.value.status).to.equal('waiting');
    await settle();
    expect(gate.held).to.deep.equal(['top']);
    gate.release('top');
    await settle();
    expect(gate.held).to.deep.equal(['end']);
    gate.release('end');
    await settle();
    expect([await status('top'), await status('end')]).to.deep.equal(['completed', 'completed']);
    expect(outcomes()).to.deep.equal([
      'Promise #1 failed: top',
      'Promise #2 failed: end',
      'Promise #2 failed: end',
      'Promise #1 is kept: top',
      'Promise #2 is kept: end',
    ]);
  });

  it('commands on promises that are settled, not settled or not there are refused in words', async () => {
    const { make, process, gate, id } = stage();
    await make('a');
    await settle();
    expect(await process.retry(id('a')))
      .to.deep.include({ ok: false })
      .and.have.nested.property('error.code', 'promise/not-settled');
    gate.release('a');
    await settle();
    expect(await process.cancel(id('a'))).to.have.nested.property('error.code', 'promise/already-settled');
    expect(await process.retry(id('a'))).to.have.nested.property('error.code', 'promise/already-settled');
    expect(await process.cancel(promiseId(99))).to.have.nested.property('error.code', 'promise/not-found');
  });
});
