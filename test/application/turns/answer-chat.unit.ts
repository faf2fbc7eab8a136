import { expect } from 'chai';
import { toChatMessages } from '../../../src/adapters/openai/conversation.ts';
import { makePromiseTools, makeScheduleTools } from '../../../src/adapters/tools/index.ts';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import type { IncomingMessage, OutboxItem } from '../../../src/domain/index.ts';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID, promiseId, scheduleId } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { PortError, type Tool, type ToolContext } from '../../../src/ports/index.ts';
import {
  buildDraft,
  buildMessage,
  buildPolicy,
  buildPromise,
  buildWorkspace,
  GROUP,
  makeScriptedModel,
  promiseAfter,
  type ScriptedStep,
  START,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeProcess, makeWorld, type ProcessOptions, pass, quiet, SECRET, type World } from '../support/stage.ts';

const chat = telegramChat(501);
const never = () => Promise.reject(new Error('called'));
const running = new AbortController().signal;
const ask = (n: number, text = `question ${n}`) => buildMessage({ messageId: telegramMessage(n), text });
const promising = (...descriptions: string[]): ScriptedStep => ({
  toolCalls: descriptions.map((description, i) => ({ id: `c${i}`, tool: 'make_promise', input: { description } })),
});
const cancelling = (id: number): ScriptedStep => ({ toolCalls: [{ id: 'x', tool: 'cancel_promise', input: { id } }] });

const stage = async (
  script: Parameters<typeof makeScriptedModel>[0],
  messages: readonly IncomingMessage[] = [ask(1)],
  options: ProcessOptions & { readonly world?: World } = {},
) => {
  const { world = makeWorld() } = options;
  const model = makeScriptedModel(script);
  const process = makeProcess(world, { model, ...options });
  for (const message of messages) await process.receive(message);
  const { stores } = world.storage;
  const pending = async (): Promise<readonly OutboxItem[]> =>
    (await Promise.all(Array.from({ length: 20 }, (_, i) => stores.outbox.get((i + 1) as OutboxItem['id'])))).filter(
      (item) => item !== undefined,
    );
  return {
    world,
    model,
    process,
    stores,
    pending,
    verdict: async (n: number) => (await stores.messages.get(chat, telegramMessage(n)))?.verdict,
  };
};

describe('a turn', () => {
  it('rule 7: answers everything that waits with one reply, which lists every message that it answers', async () => {
    const { process, model, pending, verdict } = await stage([{ text: 'Both.' }], [ask(1), ask(2)]);
    expect(await process.answerChat(chat, running)).to.equal(true);
    expect(withoutNotes(model.requests[0]?.conversation)).to.deep.equal([
      { role: 'person', name: 'Ada', text: 'question 1', messageId: telegramMessage(1), at: START },
      { role: 'person', name: 'Ada', text: 'question 2', messageId: telegramMessage(2), at: START },
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

  it('shows a model two people of one name, and one who takes the name of another, under names of their own', async () => {
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

  it('from turn to turn a model is told the same of all that was before, whoever speaks and however late it is', async () => {
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

  it('a promise belongs to the message that asks for it, and to who sent that; one that is not answered now is refused', async () => {
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

  it('shows the model the conversation before: remembered messages, and what earlier turns added', async () => {
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

  it('invariant 3: the reply that promises and the promise commit together', async () => {
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

  it('invariants 1 to 3: a commit that fails at any of its store calls leaves nothing, and the next turn answers once', async () => {
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
      const { process, stores, pending, verdict } = await stage([...script(), ...script()], [ask(1)], {
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

  it('a promise that was taken by its key between draft and commit: nothing is left, and the next turn finds it', async () => {
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

  it('a reply that takes too long becomes a promise of the whole question, in the same commit', async () => {
    const { process, world, model, stores, pending, verdict } = await stage([{ hang: true }], [ask(1), ask(2)]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(29_999);
    await quiet();
    expect(await verdict(1)).to.equal(undefined);
    world.clock.advance(1);
    await turn;
    expect(await stores.promises.get(promiseId(1))).to.include({
      description: 'question 1\n\nquestion 2',
      messageId: telegramMessage(2),
      status: 'pending',
    });
    const [reply, ...more] = await pending();
    expect(more).to.deep.equal([]);
    expect(reply).to.deep.include({ answers: [telegramMessage(1), telegramMessage(2)] });
    expect(reply?.text).to.equal(
      'This takes longer than 30 s, so it goes on in the background as promise #1. The result comes to this chat.',
    );
    expect(world.clock.timers).to.equal(0);
  });

  it('a reply that takes too long to a question that is longer than a promise may be says how much of it goes on', async () => {
    const { process, world, model, stores, pending } = await stage([{ hang: true }], [ask(1, `${'x'.repeat(9_999)}😀 and more`)]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(30_000);
    await turn;
    expect(await stores.promises.get(promiseId(1))).to.include({ description: 'x'.repeat(9_999) });
    expect((await pending())[0]?.text).to.match(/to this chat\. It has the first 10000 characters of what was asked\.$/);
  });

  it('a turn that calls make_promise without end makes what it may, and its reply tells all of them', async () => {
    const calls = promising(...Array.from({ length: 10_000 }, (_, i) => `task ${i}`));
    const { process, stores, pending } = await stage([calls, { text: 'All is promised.' }]);
    await process.answerChat(chat, running);
    expect(await stores.promises.find({ limit: 1_000 })).to.have.length(50);
    expect((await pending())[0]?.text).to.equal('All is promised.\n\n(Made: promises #1 to #50.)');
    const kept = await stores.conversations.recent(chat, 1);
    expect(kept[0]?.step).to.deep.equal({ role: 'agent', text: 'All is promised.\n\n(Made: promises #1 to #50.)', toolCalls: [] });
  });

  for (const [what, calls, told] of [
    [
      'schedules',
      ['schedule', 'schedule', 'schedule'],
      /^I had no more than 30 s for this\. Schedules #1 to #3 are made; please ask again for the rest\.$/,
    ],
    [
      'a schedule that it has ended again is none',
      ['schedule', 'schedule', 'end'],
      /^I had no more than 30 s for this\. Schedule #2 is made; please ask again for the rest\.$/,
    ],
    [
      'a schedule, a promise, and the end of another',
      ['schedule', 'promise', 'cancel'],
      /as promise #2\. The result comes to this chat\.\n\n\(Made: schedule #1\. Cancelled: promise #1\.\)$/,
    ],
  ] as const)
    it(`a reply that takes too long tells everything that the turn decided: ${what}`, async () => {
      const world = makeWorld();
      const { make, draftSchedule, draftScheduleEnd, draftCancellation, draftPromise } = makeProcess(world);
      await make({ description: 'before' }, { chatId: chat, chatKind: 'direct' as const, requestedBy: { id: buildMessage().sender.id } });
      const decide = {
        schedule: (context: ToolContext) => draftSchedule({ description: 'count', cron: '@daily' }, context),
        promise: (context: ToolContext) => draftPromise({ description: 'look' }, context),
        cancel: (context: ToolContext) => draftCancellation(promiseId(1), context),
        end: (context: ToolContext) => draftScheduleEnd(scheduleId(1), context),
      };
      const tools = Object.entries(decide).map(
        ([name, run]): Tool => ({
          name,
          description: '',
          inputSchema: {},
          effect: 'decides',
          activity: 'deciding',
          timeoutMs: 30_000,
          run: async (_, context) => ({ output: 'ok', isError: !(await run(context)).ok }),
        }),
      );
      const script = [{ toolCalls: calls.map((tool, i) => ({ id: `c${i}`, tool, input: {} })) }, { hang: true } as const];
      const agent = { ...CHAT_AGENT, tools: Object.keys(decide) };
      const { process, model, pending } = await stage(script, [ask(1)], { world, tools, agent });
      const turn = process.answerChat(chat, running);
      await model.untilAsked(2);
      world.clock.advance(30_000);
      await turn;
      expect((await pending())[0]?.text).to.match(told);
    });

  it('a reply that takes too long in a chat that is full says so, and that nothing was changed', async () => {
    const { process, world, model, stores, pending } = await stage([{ hang: true }]);
    const origin = { chatId: chat, chatKind: 'direct' as const, requestedBy: { id: buildMessage().sender.id } };
    for (let n = 0; n < 200; n++) await process.make({ description: 'x' }, origin);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(1);
    world.clock.advance(30_000);
    await turn;
    expect((await pending())[0]?.text).to.match(
      /within 30 s, and it can't go on.*200 promises of this chat.*\/cancel.*\nNothing was changed\.$/,
    );
    expect(await stores.promises.countOpen(chat)).to.equal(200);
  });

  it('a reply that takes too long keeps what it had promised, and names only what still stands', async () => {
    const { process, world, model, stores, pending } = await stage([promising('Compare', 'Count'), cancelling(1), { hang: true }]);
    const turn = process.answerChat(chat, running);
    await model.untilAsked(3);
    world.clock.advance(30_000);
    await turn;
    expect((await stores.promises.find({ limit: 10 })).map(({ status }) => status)).to.deep.equal(['cancelled', 'pending']);
    expect((await pending())[0]?.text).to.match(/as promise #2\. /);
  });

  it('invariants 4 and 5: a model that fails: people are told once, without secrets, and what was drafted is taken back', async () => {
    const error = new PortError('unauthorised', `the key ${SECRET} was refused`, { retryable: false });
    const { process, stores, pending, verdict } = await stage([promising('Compare'), cancelling(80), { error }]);
    await stores.promises.add([buildPromise({ id: promiseId(80) })]);
    await process.answerChat(chat, running);
    expect(await verdict(1)).to.deep.include({ kind: 'failed', reason: 'the key [redacted] was refused' });
    expect((await pending()).map(({ text }) => text)).to.deep.equal([
      'I could not answer this: the key [redacted] was refused\nNothing was changed. Sending it again will not help until whoever runs me has looked into it.',
    ]);
    expect((await stores.promises.find({ limit: 10 })).map(({ id, status }) => [id, status])).to.deep.equal([[80, 'pending']]);
    expect(await process.answerChat(chat, running)).to.equal(false);
  });

  it("tells what to look at in the operator's own chat, when a model fails, and in nobody else's", async () => {
    const help = 'small is asked at http://127.0.0.1:1/v1: see OPENAI_BASE_URL';
    const error = new PortError('unavailable', "small can't be reached", { retryable: true, help });
    const operators = buildMessage({ chatId: DEFAULT_LOCAL_CHAT, sender: { id: OPERATOR_ID, kind: 'operator' } });
    const { process, pending } = await stage([{ error }, { error }], [operators, ask(2)]);
    await process.answerChat(DEFAULT_LOCAL_CHAT, running);
    await process.answerChat(chat, running);
    expect((await pending()).map(({ text }) => text.split('\n')[0])).to.deep.equal([
      `I could not answer this: small can't be reached (${help})`,
      "I could not answer this: small can't be reached",
    ]);
  });

  it('invariant 2: a process that stops commits nothing, and the message is answered after the restart', async () => {
    const { process, world, model, pending, verdict } = await stage([promising('Compare'), { hang: true }]);
    const stopping = new AbortController();
    const turn = process.answerChat(chat, stopping.signal).catch((error: unknown) => error);
    await model.untilAsked(2);
    stopping.abort();
    expect(await turn).to.include({ code: 'aborted' });
    expect(await verdict(1)).to.equal(undefined);
    expect(await pending()).to.deep.equal([]);
    expect(await world.storage.stores.promises.find({ limit: 10 })).to.deep.equal([]);
    await makeProcess(world, { model: makeScriptedModel([{ text: 'Here I am.' }]) }).answerChat(chat, running);
    expect((await pending()).map(({ text }) => text)).to.deep.equal(['Here I am.']);
  });

  it('invariant 2: what is shown of an answer, its re-run after a crash, and the reply are one and the same message', async () => {
    const world = makeWorld();
    const { process, model, stores } = await stage([{ hang: true, deltas: ['It lea'] }], [ask(1)], { world });
    const turn = process.answerChat(chat, running);
    void turn.catch(() => 'cut off by the crash');
    await model.untilAsked(1);
    await quiet();
    process.life.end();
    const again = makeScriptedModel([{ hang: true, deltas: ['It leaves'] }]);
    const next = makeProcess(world, { model: again });
    await next.receive(ask(2));
    const turnAgain = next.answerChat(chat, running);
    await again.untilAsked(1);
    await quiet();
    world.clock.advance(30_000);
    await turnAgain;
    const replyKey = (await stores.messages.get(chat, telegramMessage(1)))?.replyKey;
    expect(replyKey).to.be.a('string').and.not.equal('');
    expect(world.gateway.drafts.map(({ text }) => text)).to.deep.equal(['It lea', 'It leaves']);
    expect(new Set(world.gateway.drafts.map(({ deliveryKey }) => deliveryKey))).to.deep.equal(new Set([replyKey]));
    expect(world.gateway.drafts[1]).to.include({ replyTo: telegramMessage(2) });
    const [reply] = await stores.outbox.answering(chat, telegramMessage(1));
    expect(reply).to.deep.include({ deliveryKey: replyKey, answers: [telegramMessage(1), telegramMessage(2)] });
  });

  it('shows the model no more history than was set', async () => {
    const { process, model } = await stage([{ text: 'a' }, { text: 'b' }, { text: 'c' }], [], { turn: { maxHistory: 2 } });
    for (const n of [1, 2, 3]) {
      await process.receive(ask(n));
      await process.answerChat(chat, running);
    }
    expect(withoutNotes(model.requests[2]?.conversation).map((step) => step.role !== 'tool' && step.text)).to.deep.equal([
      'question 2',
      'b',
      'question 3',
    ]);
  });

  it('invariant 1: messages that do not fit together are answered one turn after the other, none unseen', async () => {
    const long = (n: number) => ask(n, `${n}`.repeat(400));
    const { process, model, pending } = await stage([{ text: 'a' }, { text: 'b' }], [long(1), long(2), long(3)], {
      turn: { maxHistoryTokens: 250 },
    });
    await process.answerChat(chat, running);
    await process.answerChat(chat, running);
    expect((await pending()).map(({ answers }) => answers)).to.deep.equal([[telegramMessage(1), telegramMessage(2)], [telegramMessage(3)]]);
    expect(
      model.requests.map(({ conversation }) => withoutNotes(conversation).filter(({ role }) => role === 'person').length),
    ).to.deep.equal([2, 2]);
  });

  it('a message longer than the whole budget is still shown', async () => {
    const { process, model } = await stage([{ text: 'a' }], [ask(1, 'x'.repeat(900))], { turn: { maxHistoryTokens: 100 } });
    await process.answerChat(chat, running);
    expect(withoutNotes(model.requests[0]?.conversation)).to.have.length(1);
  });

  it('invariant 4: a message whose chat was taken out of the configuration before its turn gets silence', async () => {
    const world = makeWorld();
    for (const n of [1, 2, 3])
      await makeProcess(world).receive(
        buildMessage({ chatId: GROUP, chatKind: 'group', messageId: telegramMessage(n), addressedTo: 'us' }),
      );
    const closed = buildPolicy({ workspaces: [buildWorkspace({ chatIds: [] })] });
    const { process, model, pending } = await stage([{ text: 'oops' }], [], { world, policy: closed });
    await process.answerChat(GROUP, running);
    expect((await world.storage.stores.messages.get(GROUP, telegramMessage(1)))?.verdict).to.deep.equal({ kind: 'denied' });
    expect(model.requests).to.deep.equal([]);
    expect(await pending()).to.deep.equal([]);
    const denials = () => process.logger.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields);
    expect(denials()).to.have.length(1);
    expect(denials()[0]).to.include({ rule: 'unmapped-group', messageId: telegramMessage(1) });
    world.clock.advance(30_000);
    expect(denials()[1]).to.deep.include({ denied: { 'unmapped-group': 2 } });
  });

  it('rule 8: typing and drafts are shown while the agent answers, and nothing once its answer is queued', async () => {
    const { process, world, model } = await stage([{ hang: true, deltas: ['It leaves'] }]);
    const queued: number[] = [];
    const turn = process.answerChat(chat, running).then(() => queued.push(world.gateway.typing.length, world.gateway.drafts.length));
    await model.untilAsked(1);
    await pass(world, 30_000, 1_000);
    await turn;
    expect(world.gateway.typing).to.have.length.within(6, 7);
    await pass(world, 60_000);
    expect([world.gateway.typing.length, world.gateway.drafts.length]).to.deep.equal(queued);
    expect(world.clock.timers).to.equal(0);
  });

  it('rule 8: no typing for a command', async () => {
    const { process, world } = await stage([], [ask(1, '/status')]);
    await process.answerChat(chat, running);
    await quiet();
    expect(world.gateway.typing).to.deep.equal([]);
  });

  it('rule 10: a reply to a message older than ten minutes says how late it is, from its draft on', async () => {
    for (const [minutes, words] of [
      [10, ''],
      [11, '(11 minutes late: I was away.)\n\n'],
      [60, '(1 hour late: I was away.)\n\n'],
      [120, '(2 hours late: I was away.)\n\n'],
      [3 * 24 * 60, '(3 days late: I was away.)\n\n'],
    ] as const) {
      const { process, world, stores, model } = await stage(
        [{ hang: true, deltas: ['At'] }],
        [ask(1), { ...ask(2), sentAt: START + 60_000 }],
      );
      world.clock.advance(minutes * 60_000);
      const turn = process.answerChat(chat, running);
      await model.untilAsked(1);
      await quiet();
      expect(world.gateway.drafts.map(({ text }) => text)).to.deep.equal([`${words}At`]);
      world.clock.advance(30_000);
      await turn;
      const reply = (await stores.outbox.answering(chat, telegramMessage(2)))[0]?.text ?? '';
      expect(reply.slice(0, words.length + 16)).to.equal(`${words}At …\n\nThis takes`);
      expect((await stores.conversations.recent(chat, 1))[0]?.step).to.have.property('text', reply.slice(words.length));
    }
  });

  it('rule 6: a turn is held to the workspace of its group', async () => {
    const scopes: unknown[] = [];
    const look = {
      name: 'read_file',
      description: '',
      inputSchema: {},
      effect: 'reads' as const,
      activity: 'looking',
      timeoutMs: 30_000,
      run: async (_: unknown, { scope }: { scope: unknown }) => {
        scopes.push(scope);
        return { output: '', isError: false };
      },
    };
    const message = buildMessage({ chatId: GROUP, chatKind: 'group', addressedTo: 'us' });
    const { process } = await stage([{ toolCalls: [{ id: 'a', tool: 'read_file', input: {} }] }, { text: 'a' }], [message], {
      tools: [look],
    });
    await process.answerChat(GROUP, running);
    expect(scopes).to.deep.equal([{ workspace: 'Railway', directory: '/srv/railway' }]);
  });

  it('a promise drafted and cancelled in one turn is cancelled, and its chat told', async () => {
    const { process, stores, pending } = await stage([promising('Compare'), cancelling(1), { text: 'Never mind #1.' }]);
    await process.answerChat(chat, running);
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
    expect((await pending()).map(({ text }) => text)).to.deep.equal([
      'Never mind #1.',
      'Promise #1 is cancelled: Compare\n\nAs you asked.',
    ]);
  });

  it("invariant 4: another chat's promise is refused as unknown", async () => {
    const { process, stores, model } = await stage([cancelling(40), { text: 'There is none.' }]);
    await stores.promises.add([buildPromise({ id: promiseId(40), chatId: GROUP })]);
    await process.answerChat(chat, running);
    expect(model.requests[1]?.conversation.at(-1)).to.include({ isError: true, output: 'there is no promise #40' });
    expect((await stores.promises.get(promiseId(40)))?.status).to.equal('pending');
  });

  it('a promise that settled while the turn that cancels it ran stays as it is, and the turn commits', async () => {
    const { process, stores, world, verdict } = await stage([
      cancelling(40),
      () => {
        const next = promiseAfter(
          buildPromise({ id: promiseId(40) }),
          { type: 'start', at: START, workerId: 'w', leaseMs: 1 },
          { type: 'complete', at: START, workerId: 'w', attempt: 1, result: 'done' },
        );
        void world.storage.stores.promises.update([next.id], () => next);
        return { text: 'Cancelled.' };
      },
    ]);
    await stores.promises.add([buildPromise({ id: promiseId(40) })]);
    await process.answerChat(chat, running);
    expect((await stores.promises.get(promiseId(40)))?.status).to.equal('completed');
    expect(await verdict(1)).to.have.property('kind', 'answered');
  });
});
