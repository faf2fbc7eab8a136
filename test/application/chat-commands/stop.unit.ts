import { expect } from 'chai';
import { NO_USAGE, type Sender } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { buildMessage, buildPolicy, GROUP, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { chat, messages, running, stage, write } from '../support/command-harness.ts';
import { makeProcess, settle, until } from '../support/harness.ts';

describe('/stop', () => {
  it('/stop ends the running turn at once, and answers once through the message that showed its draft', async () => {
    const { process, model, replies, world, stores } = stage([
      { toolCalls: [{ id: 'a', tool: 'make_promise', input: { description: 'x' } }] },
      { hang: true, deltas: ['It lea'] },
      { text: 'At 9:41.' },
    ]);
    process.start();
    await process.receive(write(1, 'question 1'));
    await model.untilAsked(2);
    await process.receive(write(2, 'question 2'));
    await process.receive(write(3, '/stop'));
    await process.receive(write(4, 'question 4'));
    await until(() => world.gateway.sent.length === 2);
    const stopped = 'Stopped, as you asked. Nothing was changed.';
    for (const n of [1, 2, 3]) expect(await replies(n)).to.deep.equal([[stopped, messages(1, 2, 3)]]);
    expect(await replies(4)).to.deep.equal([['At 9:41.', messages(4)]]);
    expect(world.gateway.sent[0]?.deliveryKey).to.equal(world.gateway.drafts[0]?.deliveryKey);
    expect(await stores.promises.find({ limit: 10 })).to.deep.equal([]);
    expect(process.logger.lines.filter(({ level }) => level === 'error' || level === 'warn')).to.deep.equal([]);
    expect(withoutNotes(model.requests[2]?.conversation).map((step) => 'text' in step && step.text)).to.deep.equal([
      ...['question 1', 'question 2', stopped, 'question 4'],
    ]);
    const verdict = (await stores.messages.get(chat, telegramMessage(1)))?.verdict;
    expect(verdict?.kind === 'answered' && (await stores.turns.get(verdict.turnId))?.outcome).to.equal('stopped');
  });

  it('/stop stops no other chat', async () => {
    const { process, model, replies, world } = stage([{ hang: true }]);
    process.start();
    await process.receive(write(1, 'question'));
    await model.untilAsked(1);
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us', text: '/stop' }));
    await until(() => world.gateway.sent.length === 1);
    expect(await replies(1, GROUP)).to.deep.equal([['Nothing is running in this chat.', messages(1)]]);
    expect(await replies(1)).to.deep.equal([]);
  });

  it('/stop stops nothing if its sender is denied, or it was only overheard', async () => {
    const { process, model, replies, world } = stage([{ hang: true }]);
    process.start();
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' }));
    await model.untilAsked(1);
    await process.receive(buildMessage({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(2), text: '/stop' }));
    await settle();
    expect(await replies(1, GROUP)).to.deep.equal([]);
    expect(world.gateway.sent).to.deep.equal([]);
  });

  it('/stop still stops a turn after a crash if it was stored before', async () => {
    const { world, process, model } = stage([{ hang: true }]);
    process.start();
    await process.receive(write(1, 'question'));
    await model.untilAsked(1);
    process.life.end();
    const next = makeProcess(world);
    await next.receive(write(2, '/stop'));
    const third = makeProcess(world);
    third.start();
    await until(() => world.gateway.sent.length === 1);
    expect(world.gateway.sent[0]).to.deep.include({ text: 'Stopped, as you asked. Nothing was changed.', answers: messages(1, 2) });
  });

  it('/stop says that nothing runs if the answer is already made', async () => {
    const { process, say, replies } = stage([{ text: 'At 9:41.' }]);
    await process.receive(write(1, 'question'));
    await process.answerChat(chat, running);
    expect(await say(2, '/stop')).to.equal('Nothing is running in this chat.');
    expect(await replies(1)).to.deep.equal([['At 9:41.', messages(1)]]);
  });

  it('/stop ends a turn whose model ignores its abort signal, and drops a late answer', async () => {
    const gate = Promise.withResolvers<void>();
    const deaf = {
      name: 'deaf/deaf-1',
      respond: async () => {
        await gate.promise;
        return { text: 'too late', toolCalls: [], stop: 'end' as const, usage: NO_USAGE, model: 'deaf-1' };
      },
    };
    const { process, replies, world } = stage([], { model: deaf });
    process.start();
    await process.receive(write(1, 'question'));
    await settle();
    await process.receive(write(2, '/stop'));
    await settle();
    gate.resolve();
    await until(() => world.gateway.sent.length === 1);
    expect(await replies(1)).to.deep.equal([['Stopped, as you asked. Nothing was changed.', messages(1, 2)]]);
  });
});

describe('/stop of a guest', () => {
  const guest = { id: telegramUser(502), kind: 'person' } as const;
  const policy = { ...buildPolicy(), people: new Map([[guest.id, { name: 'Ben', role: 'guest', path: 'people.ben' } as const]]) };
  const inGroup = (n: number, text: string, sender?: Sender) =>
    buildMessage({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(n), addressedTo: 'us', text, ...present({ sender }) });

  it('ends nothing that others asked for', async () => {
    const { process, model, replies, world } = stage([{ hang: true, deltas: ['It'] }], { policy });
    process.start();
    await process.receive(inGroup(1, 'question of a member'));
    await model.untilAsked(1);
    await process.receive(inGroup(2, '/stop', guest));
    await settle();
    expect(world.gateway.sent).to.deep.equal([]);
    await process.receive(inGroup(3, '/stop'));
    await until(() => world.gateway.sent.length === 1);
    expect((await replies(1, GROUP))[0]?.[0]).to.equal('Stopped, as you asked. Nothing was changed.');
  });

  it('ends what the guest asked for, and lets wait what others did', async () => {
    const { process, model, replies, world } = stage([{ hang: true }, { text: 'At 9:41.' }], { policy });
    process.start();
    await process.receive(inGroup(1, 'question of a guest', guest));
    await model.untilAsked(1);
    await process.receive(inGroup(2, 'question of a member'));
    await process.receive(inGroup(3, 'another of the guest', guest));
    await process.receive(inGroup(4, '/stop', guest));
    await until(() => world.gateway.sent.length === 2);
    for (const n of [1, 3, 4])
      expect(await replies(n, GROUP)).to.deep.equal([['Stopped, as you asked. Nothing was changed.', messages(1, 3, 4)]]);
    expect(await replies(2, GROUP)).to.deep.equal([['At 9:41.', messages(2)]]);
  });

  it('says so where nothing of the guest is running', async () => {
    const { process, replies, world } = stage([], { policy });
    process.start();
    await process.receive(inGroup(1, '/stop', guest));
    await until(() => world.gateway.sent.length === 1);
    expect((await replies(1, GROUP))[0]?.[0]).to.match(/^Nothing that you asked for is running in this chat\. A guest stops nothing/);
  });
});
