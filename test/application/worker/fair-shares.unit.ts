import { expect } from 'chai';
import type { WorkerSettings } from '../../../src/application/index.ts';
import type { LeasedPromise, TaskType } from '../../../src/domain/index.ts';
import type { ClaimRequest } from '../../../src/ports/index.ts';
import { telegramChat, telegramUser, workResult } from '../../../src/testing/index.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, settle } from '../support/harness.ts';

/** Workers whose runs are held, each under its promise's description, and how often they claim. */
const stage = (work: Partial<WorkerSettings>) => {
  const inner = makeWorld();
  const claims: ClaimRequest[] = [];
  const claim = (request: ClaimRequest) => {
    claims.push(request);
    return inner.storage.queue.claim(request);
  };
  const world = { ...inner, storage: { ...inner.storage, queue: { ...inner.storage.queue, claim } } };
  const gate = makeGate<string>();
  const execute = async ({ description }: LeasedPromise, { signal }: { signal: AbortSignal }) => {
    await gate.hold(description, signal);
    return workResult('done');
  };
  const [process, other] = [0, 1].map(() => makeProcess(world, { executor: { execute }, work })) as [
    ReturnType<typeof makeProcess>,
    ReturnType<typeof makeProcess>,
  ];
  const make = async (description: string, chat: number, request: { taskType?: TaskType; priority?: number; notBefore?: number } = {}) => {
    const made = await process.make(
      { description, ...request },
      { chatId: telegramChat(chat), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } },
    );
    if (!made.ok) throw new Error(made.error.message);
  };
  return { world, process, other, gate, claims, make };
};

describe('sharing workers fairly', () => {
  it('a busy chat leaves room for another, whatever its priority, and goes on as its own promises end', async () => {
    const { process, gate, make } = stage({ concurrency: 4, tenantConcurrency: 3 });
    for (let n = 1; n <= 9; n++) await make(`busy ${n}`, 601, { priority: 1 });
    await make('small', 602, { priority: 10 });
    process.worker.start();
    await settle();
    expect(gate.held).to.deep.equal(['busy 1', 'busy 2', 'busy 3', 'small']);
    gate.release('busy 2');
    await settle();
    expect(gate.held).to.deep.equal(['busy 1', 'busy 3', 'small', 'busy 4']);
  });

  it('two workers together keep a chat to its share; where one ends a promise, the other takes the next', async () => {
    const { process, other, gate, make } = stage({ concurrency: 2, tenantConcurrency: 3 });
    for (let n = 1; n <= 9; n++) await make(`busy ${n}`, 601);
    process.worker.start();
    other.worker.start();
    await settle();
    expect(gate.held).to.have.length(3);
    gate.release(gate.held[0] as string);
    await settle();
    expect(gate.held).to.have.length(3);
  });

  it('a type has no more runs at a time than it may, and the others go past it', async () => {
    const { process, gate, make } = stage({ concurrency: 4, typeConcurrency: { code: 1 } });
    for (const name of ['code 1', 'code 2', 'code 3']) await make(name, 601, { taskType: 'code', priority: 1 });
    for (const name of ['search 1', 'search 2']) await make(name, 601, { taskType: 'search' });
    process.worker.start();
    await settle();
    expect(gate.held).to.have.members(['code 1', 'search 1', 'search 2']);
    gate.release('code 1');
    await settle();
    expect(gate.held).to.have.members(['search 1', 'search 2', 'code 2']);
  });

  it('a worker that is not full does not go round and round while all that is due must wait', async () => {
    const { world, process, gate, claims, make } = stage({ concurrency: 4, tenantConcurrency: 1, typeConcurrency: { code: 0 } });
    for (let n = 1; n <= 9; n++) await make(`busy ${n}`, 601);
    await make('coded', 602, { taskType: 'code' });
    await make('later', 603, { notBefore: world.clock.now() + 4_500 });
    process.worker.start();
    await settle();
    const before = claims.length;
    await advance(world, 10_000, 50);
    // The feed's hints, one a second, and what they bring; nothing beside them.
    expect(claims.length - before).to.be.at.most(12);
    expect(gate.held).to.deep.equal(['busy 1', 'later']);
  });
});
