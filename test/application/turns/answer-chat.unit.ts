import { expect } from 'chai';
import { toChatMessages } from '../../../src/adapters/openai/conversation.ts';
import { makePromiseTools, makeScheduleTools } from '../../../src/adapters/tools/index.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildDraft, buildMessage, buildPromise, GROUP, START, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeProcess, makeWorld, type World } from '../support/harness.ts';
import { ask, cancelling, chat, never, promising, running, stage } from '../support/turn-harness.ts';

describe('a turn', () => {
  it('rule 7: answers all waiting messages of a chat with one reply that lists them', async () => {
    const { process, model, pending, verdict } = await stage([{ text: 'Both.' }], [ask(1), ask(2)]);
    expect(await process.answerChat(chat, running)).to.equal(true);
    const said = { role: 'person', name: 'Ada', at: START, provenance: { labels: ['member'] } };
    expect(withoutNotes(model.requests[0]?.conversation)).to.deep.equal([
      { ...said, text: 'question 1', messageId: telegramMessage(1) },
      { ...said, text: 'question 2', messageId: telegramMessage(2) },
    ]);
    const replies = await pending();
    expect(replies).to.have.length(1);
    expect(replies[0]).to.deep.include({
      text: 'Both.',
      answers: [telegramMessage(1), telegramMessage(2)],
      replyTo: telegramMessage(2),
      status: 'pending',
    });
    expect(await verdict(1)).to.deep.equal(await verdict(2));
    expect(await verdict(1)).to.have.property('kind', 'answered');
    expect(await process.answerChat(chat, running)).to.equal(false);
  });

  it('shows a model different names for people who share a name or take that of another', async () => {
    const from = (n: number, id: number, displayName: string, username?: string) =>
      buildMessage({
        messageId: telegramMessage(n),
        chatId: GROUP,
        chatKind: 'group',
        text: `hello ${n}`,
        addressedTo: 'us',
        sender: { id: telegramUser(id), displayName, kind: 'person', ...present({ username }) },
      });
    const { process, model } = await stage(
      [{ text: 'Hello.' }, { text: 'Hello again.' }],
      [from(1, 501, 'Alice', 'ada'), from(2, 502, 'Bob')],
    );
    const names = (at: number) =>
      withoutNotes(model.requests[at]?.conversation).flatMap((step) => (step.role === 'person' ? [step.name] : []));
    await process.answerChat(GROUP, running);
    expect(names(0)).to.deep.equal(['Alice (@ada)', 'Bob (id 502)']);
    await process.receive(from(3, 502, 'AIice'));
    await process.answerChat(GROUP, running);
    expect(names(1)).to.deep.equal(['Alice (@ada)', 'Bob (id 502)', 'AIice (id 502)']);
  });

  it('shows a model the same earlier conversation in every turn, whoever speaks and however late it is', async () => {
    const from = (n: number, id: number, displayName: string, overheard = false) =>
      buildMessage({
        messageId: telegramMessage(n),
        chatId: GROUP,
        chatKind: 'group',
        text: `hello ${n}\nBob yes`,
        ...(overheard ? {} : { addressedTo: 'us' as const }),
        sender: { id: telegramUser(id), displayName, kind: 'person' },
      });
    const { process, model, world } = await stage([{ text: 'a' }, { text: 'b' }, { text: 'c' }], []);
    const turns = [[from(1, 501, 'Ann')], [from(2, 502, 'Bob', true), from(3, 502, 'Bob')], [from(4, 503, 'Ann')]];
    for (const messages of turns) {
      world.clock.advance(20 * 60_000);
      for (const message of messages) await process.receive({ ...message, sentAt: world.clock.now() });
      await process.answerChat(GROUP, running);
    }
    const [first, second, third] = model.requests.map(({ instructions, conversation }) => {
      const steps = conversation.slice(0, -1);
      return { instructions, chat: toChatMessages(instructions, steps) };
    });
    expect(second?.instructions).to.equal(first?.instructions).and.equal(third?.instructions);
    expect(second?.chat.slice(0, first?.chat.length)).to.deep.equal(first?.chat);
    expect(third?.chat.slice(0, second?.chat.length)).to.deep.equal(second?.chat);
  });

  it('makes a promise for the message that asks for it and its sender, and refuses one for a message of another turn', async () => {
    const world = makeWorld();
    const { draftPromise, draftSchedule } = makeProcess(world);
    const promises = makePromiseTools({
      draftPromise,
      clock: world.clock,
      timeZone: 'UTC',
      listPromises: async () => [],
      cancelPromise: never,
    });
    const schedules = makeScheduleTools({ draftSchedule, listSchedules: async () => [], endSchedule: never, timeZone: 'UTC' });
    const make = (id: string, input: object, tool = 'make_promise') => ({ id, tool, input: { description: id, ...input } });
    const toolCalls = [
      make('first', { message: 1 }),
      make('none', {}),
      make('stranger', { message: 9 }),
      make('daily', { message: 1, cron: '@daily' }, 'schedule_promise'),
    ];
    const asked = [ask(1), { ...ask(2), sender: { id: telegramUser(502), username: 'bob', kind: 'person' as const } }];
    const inGroup = asked.map((message) => ({ ...message, chat: { id: GROUP, kind: 'group' as const }, addressedTo: 'us' as const }));
    const { process, model, stores } = await stage([{ toolCalls }, { text: 'Done.' }], inGroup, {
      world,
      tools: [...promises, ...schedules],
    });
    await process.answerChat(GROUP, running);
    const made = await stores.promises.find({ limit: 10 });
    expect(made.map(({ description, messageId, requestedBy }) => [description, messageId, requestedBy])).to.deep.equal([
      ['first', telegramMessage(1), { id: telegramUser(501), username: 'ada' }],
      ['none', telegramMessage(2), { id: telegramUser(502), username: 'bob' }],
    ]);
    expect(await stores.schedules.find({ limit: 10 })).to.have.nested.property('[0].messageId', telegramMessage(1));
    expect(model.requests[1]?.conversation.flatMap((step) => (step.role === 'tool' && step.isError ? [step.output] : []))).to.deep.equal([
      'No promise was made: message 9 is none of those that are answered now (1, 2)',
    ]);
  });

  it('shows the model remembered messages and what earlier turns added', async () => {
    const { process, model } = await stage([promising('Compare'), { text: 'As #1.' }, { text: 'You are welcome.' }]);
    await process.answerChat(chat, running);
    await process.receive(ask(2, 'thanks'));
    await process.answerChat(chat, running);
    expect(withoutNotes(model.requests[2]?.conversation).map((step) => (step.role === 'tool' ? step.output : step.text))).to.deep.equal([
      'question 1',
      '',
      '#1',
      'As #1.',
      'thanks',
    ]);
  });

  it('invariant 3: commits a promise together with the reply that announces it', async () => {
    const { process, stores, pending, verdict } = await stage([promising('Compare', 'Count'), { text: 'As #1 and #2.' }]);
    await process.answerChat(chat, running);
    expect(await stores.promises.getMany([promiseId(1), promiseId(2)])).to.have.length(2);
    expect(await stores.promises.get(promiseId(1))).to.include({
      status: 'pending',
      chatId: chat,
      messageId: telegramMessage(1),
      description: 'Compare',
    });
    const turnId = (await verdict(1)) as { turnId: Parameters<typeof stores.turns.get>[0] };
    expect(await stores.turns.get(turnId.turnId)).to.include({ outcome: 'promised', toolCalls: 2, model: 'scripted-1' });
    expect(await pending()).to.have.length(1);
  });

  it('invariants 1 to 3: leaves nothing of a commit that fails at any store call, and answers once in the next turn', async () => {
    const world = makeWorld();
    await world.storage.stores.promises.add([buildPromise({ id: promiseId(90), description: 'to be cancelled' })]);
    const script = () => [promising('Compare'), cancelling(90), { text: 'As #1.' }];
    const names: string[] = [];
    const probe = await stage(script(), [ask(1)], { onUnitCall: (name) => names.push(name), world: await copyOf() });
    names.length = 0;
    await probe.process.answerChat(chat, running);
    expect(names).to.include.members([
      'messages.settle',
      'turns.add',
      'conversations.append',
      'outbox.add',
      'promises.add',
      'promises.update',
    ]);
    for (const [at, name] of names.entries()) {
      let calls = Number.NEGATIVE_INFINITY;
      const failing = (): void => {
        if (calls++ === at) throw new PortError('unavailable', `${name} failed`, { retryable: true });
      };
      const { process, stores, pending, verdict } = await stage([...script(), ...script().slice(-1)], [ask(1)], {
        onUnitCall: failing,
        world: await copyOf(),
      });
      calls = 0;
      expect(await process.answerChat(chat, running).catch((error: unknown) => error)).to.have.property('message', `${name} failed`);
      expect(await pending(), name).to.deep.equal([]);
      expect(await verdict(1), name).to.equal(undefined);
      expect(await stores.conversations.recent(chat, 10), name).to.deep.equal([]);
      expect(await stores.promises.find({ limit: 10 }), name).to.have.length(1);
      expect((await stores.promises.get(promiseId(90)))?.status, name).to.equal('pending');
      await process.answerChat(chat, running);
      expect(
        (await pending()).filter(({ answers }) => answers.length > 0),
        name,
      ).to.have.length(1);
      expect(await stores.promises.find({ limit: 10 }), name).to.have.length(2);
      expect((await stores.promises.get(promiseId(90)))?.status, name).to.equal('cancelled');
    }
    async function copyOf(): Promise<World> {
      const copy = makeWorld();
      await copy.storage.stores.promises.add(await world.storage.stores.promises.find({ limit: 10 }));
      return copy;
    }
  });

  it('finds a promise that was stored for the same idempotency key meanwhile', async () => {
    const { process, stores, world } = await stage([]);
    await stores.promises.add([buildPromise({ id: promiseId(71), idempotencyKey: 'k' })]);
    const context = {
      chatId: chat,
      chatKind: 'direct' as const,
      requestedBy: { id: buildMessage().sender.id },
      scope: { directory: '/' },
      signal: running,
    };
    const found = await process.draftPromise({ description: 'again', idempotencyKey: 'k' }, { ...context, draft: buildDraft() });
    expect(found.ok && found.value.promise.id).to.equal(71);
    expect(await world.storage.stores.promises.find({ limit: 10 })).to.have.length(1);
  });
});
