import { expect } from 'chai';
import type { PromiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildMessage, makeScriptedModel, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { makeProcess, makeWorld, settle } from '../support/harness.ts';

const chat = telegramChat(501);
const origin = { chatId: chat, chatKind: 'direct' as const, messageId: telegramMessage(1), requestedBy: { id: telegramUser(501) } };
const gone = new PortError('invalid-request', 'the message to reply to is gone', { retryable: false });

/** Promises whose outcomes were given up, and a person who writes again. */
const stage = async (lost: number) => {
  const world = makeWorld();
  const process = makeProcess(world, { model: makeScriptedModel(Array.from({ length: 9 }, (_, i) => ({ text: `answer ${i + 1}` }))) });
  process.start();
  world.gateway.failNext(lost, 'before', gone);
  for (let n = 0; n < lost; n++) await process.make({ description: `task ${n + 1}` }, origin);
  await settle();
  let asked = 1;
  const ask = async (): Promise<void> => {
    await process.receive(buildMessage({ messageId: telegramMessage(++asked) }));
    await settle();
  };
  const { promises, outbox } = world.storage.stores;
  const get = async (id: number) => promises.get(id as PromiseId);
  return { world, process, ask, get, outbox, texts: () => world.gateway.sent.map(({ text }) => text.split('\n').join(' ')) };
};

const again = (n: number): string => `This could not be delivered before.  Promise #${n} is kept: task ${n}  done: task ${n}`;

describe('outcomes that could not be delivered', () => {
  it('invariant 3: come with the next turn, behind its reply, and are then delivered', async () => {
    const { world, ask, get, texts } = await stage(1);
    expect(texts()).to.deep.equal([]);
    expect(await get(1)).not.to.have.property('deliveredAt');
    await ask();
    expect(texts()).to.deep.equal(['answer 1', again(1)]);
    expect(await get(1)).to.include({ deliveredAt: world.clock.now() });
    expect(world.gateway.sent[1]).not.to.have.property('replyTo');
    await ask();
    expect(texts()).to.deep.equal(['answer 1', again(1), 'answer 2']);
  });

  it('one that is refused again comes with the turn after, with a random id of its own each time', async () => {
    const { world, process, ask, get, outbox, texts } = await stage(1);
    await process.deliverer.stop();
    await ask();
    const [first, reply, told] = await Promise.all([1, 2, 3].map((id) => outbox.get(id as never)));
    expect([reply?.status, told?.status, told?.promiseId]).to.deep.equal(['pending', 'pending', 1]);
    await ask();
    expect((await outbox.stats()).pending, 'one on its way is not queued again').to.equal(3);
    if (!told) throw new Error('nothing was queued');
    await outbox.giveUp(told.id, world.clock.now(), 'refused again');
    await ask();
    makeProcess(world).deliverer.start();
    await settle();
    expect(texts()).to.deep.equal(['answer 1', 'answer 2', 'answer 3', again(1)]);
    expect(await get(1)).to.have.property('deliveredAt');
    const ids = [first, told, await outbox.get(6 as never)].map((item) => item?.deliveryKey);
    expect(new Set(ids).size).to.equal(3);
  });

  it('many come a few at a time', async () => {
    const { ask, texts } = await stage(7);
    await ask();
    expect(texts()).to.deep.equal(['answer 1', ...[1, 2, 3, 4, 5].map(again)]);
    await ask();
    expect(texts().slice(6)).to.deep.equal(['answer 2', again(6), again(7)]);
  });

  it('those of other chats wait for a turn of their own', async () => {
    const { world, process, texts } = await stage(1);
    await process.receive(
      buildMessage({ chatId: telegramChat(502), sender: { id: telegramUser(502), kind: 'person' }, messageId: telegramMessage(2) }),
    );
    await settle();
    expect(texts()).to.deep.equal([]);
    expect((await world.storage.stores.promises.lostOutcomes(chat, 9)).map(({ id }) => Number(id))).to.deep.equal([1]);
  });
});
