import { expect } from 'chai';
import { makeQueries, watchPromise, watchPromises } from '../../../src/application/index.ts';
import { type AgentPromise, promiseId } from '../../../src/domain/index.ts';
import { makeRecordingLogger, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { advance, makeProcess, makeWorld, settle, type World } from '../support/harness.ts';

const origin = { chatId: telegramChat(501), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } };

const queriesOf = ({ storage: { stores } }: World) => makeQueries({ stores, policy: { workspaces: [] } });

const stage = async () => {
  const world = makeWorld();
  const process = makeProcess(world);
  const told: string[] = [];
  const first: number[] = [];
  await process.make({ description: 'before' }, origin);
  const end = watchPromises(
    { listPromises: queriesOf(world).listPromises, changes: world.changes, clock: world.clock, events: logged(makeRecordingLogger()) },
    {
      onFirst: (promises) => first.push(...promises.map(({ id }) => id)),
      onChange: (promise) =>
        told.push(`#${promise.id} ${promise.status}${'deliveredAt' in promise && promise.deliveredAt ? ' delivered' : ''}`),
    },
  );
  await settle();
  return { world, process, told, first, end };
};

describe('watching promises', () => {
  it('tells of each promise that is made, moves, settles and is delivered, whoever changed it; of none that stood before', async () => {
    const { world, process, told, first } = await stage();
    await advance(world, 100);
    expect(first).to.deep.equal([1]);
    expect(told).to.deep.equal([]);
    await makeProcess(world).make({ description: 'count' }, origin);
    await advance(world, 100);
    expect(told.splice(0)).to.deep.equal(['#2 pending']);
    await process.cancel(promiseId(1));
    await advance(world, 100);
    expect(told.splice(0)).to.deep.equal(['#1 cancelled']);
    process.deliverer.start();
    await advance(world, 100);
    expect(told.splice(0)).to.deep.equal(['#1 cancelled delivered']);
  });

  it('tells at most every 100 ms, and misses nothing that changed meanwhile', async () => {
    const { world, process, told } = await stage();
    for (let i = 0; i < 20; i++) await process.make({ description: 'more' }, origin);
    await settle();
    expect(told).to.deep.equal([]);
    await advance(world, 100);
    expect(told).to.deep.equal(Array.from({ length: 20 }, (_, i) => `#${i + 2} pending`));
  });

  it('tells of progress, and of one promise alone, however old', async () => {
    const { world, process } = await stage();
    for (let i = 0; i < 120; i++) await process.make({ description: 'more' }, origin);
    const told: string[] = [];
    const { promises } = world.storage.stores;
    const { getPromise } = queriesOf(world);
    const of = { getPromise, changes: world.changes, clock: world.clock, events: logged(makeRecordingLogger()), id: promiseId(1) };
    const tell = (promise: AgentPromise) =>
      void told.push(promise.status === 'in_progress' ? (promise.progress?.text ?? '') : promise.status);
    watchPromise(of, { onFirst: (first) => first.forEach(tell), onChange: tell });
    await advance(world, 100);
    await world.storage.queue.claim({ workerId: 'w', now: world.clock.now(), leaseMs: 60_000, limit: 2 });
    await advance(world, 100);
    for (const id of [1, 2]) await promises.noteProgress(promiseId(id), 'w', { text: `reading ${id}`, at: world.clock.now() });
    await advance(world, 100);
    expect(told).to.deep.equal(['pending', '', 'reading 1']);
  });

  it('tells nothing once it was ended', async () => {
    const { world, process, told, end } = await stage();
    end();
    await process.make({ description: 'count' }, origin);
    await advance(world, 5_000);
    expect(told).to.deep.equal([]);
  });
});
