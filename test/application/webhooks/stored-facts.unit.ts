import { strict as assert } from 'node:assert';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCommands } from '../../../src/application/index.ts';
import { addApprovals } from '../../../src/application/promises/store-approvals.ts';
import { approvalId, promiseId } from '../../../src/domain/index.ts';
import type { Storage } from '../../../src/ports/index.ts';
import {
  buildApproval,
  buildPolicy,
  buildPromise,
  makeFixedClock,
  makeRecordingEvents,
  makeSeededRandomness,
} from '../../../src/testing/index.ts';

const open = async (change: (storage: Storage) => Storage = (storage) => storage) => {
  const storage = makeMemoryStorage();
  const { webhooks } = storage.stores;
  const clock = makeFixedClock();
  const randomness = makeSeededRandomness(1);
  await webhooks.listen(true);
  const commands = makeCommands({ storage: change(storage), clock, randomness, policy: buildPolicy(), events: makeRecordingEvents() });
  const told = async () => (await webhooks.list({ limit: 10 })).toReversed();
  return { storage, clock, randomness, commands, told };
};

describe('Facts for the receiver of webhooks', () => {
  it('are stored with the end of a promise, and once more where it ends again', async () => {
    const { storage, clock, commands, told } = await open();
    const waiting = { id: promiseId(2), dependsOn: [promiseId(1)] };
    await storage.stores.promises.add([buildPromise({ metadata: { trace: 'of Kept alone' } }), buildPromise(waiting)]);
    await commands.cancelPromise(promiseId(1));
    const facts = (await told()).map(({ fact, subject }) => [subject, fact.type, fact.type === 'promise.settled' && fact.promise.status]);
    assert.deepEqual(facts, [
      ['promise:1', 'promise.settled', 'cancelled'],
      ['promise:2', 'promise.settled', 'failed'],
    ]);
    await commands.retryPromise(promiseId(1));
    clock.advance(1_000);
    await commands.cancelPromise(promiseId(1));
    const events = await told();
    assert.equal(new Set(events.map(({ eventId }) => eventId)).size, 3);
    assert.equal(JSON.stringify(events).includes('of Kept alone'), false);
  });

  it('are stored with the question for an approval, in the order of its promise, without what would let anybody decide', async () => {
    const { storage, randomness, told } = await open();
    const { token: _, ...asked } = buildApproval({ id: approvalId(7), promiseId: promiseId(3) });
    const [stored] = await storage.unitOfWork.run((stores) => addApprovals(stores, [asked], randomness, undefined));
    const [event] = await told();
    assert.deepEqual([event?.subject, event?.fact], ['promise:3', { type: 'approval.asked', approval: asked }]);
    assert.ok(stored && !JSON.stringify(event).includes(stored.token));
  });

  it('are not stored where the end of the promise is not', async () => {
    const undone = (storage: Storage): Storage => ({
      ...storage,
      unitOfWork: {
        run: (work) =>
          storage.unitOfWork.run(async (stores) => {
            await work(stores);
            throw new Error('undone');
          }),
      },
    });
    const { storage, commands, told } = await open(undone);
    await storage.stores.promises.add([buildPromise()]);
    await assert.rejects(commands.cancelPromise(promiseId(1)), /undone/);
    assert.equal((await storage.stores.promises.get(promiseId(1)))?.status, 'pending');
    assert.deepEqual(await told(), []);
  });
});
