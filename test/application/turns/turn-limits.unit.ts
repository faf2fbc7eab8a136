import { expect } from 'chai';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID, promiseId } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPolicy,
  buildPromise,
  buildWorkspace,
  GROUP,
  makeScriptedModel,
  promiseAfter,
  START,
  telegramMessage,
} from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { advance, makeProcess, makeWorld, SECRET, settle } from '../support/harness.ts';
import { ask, cancelling, chat, promising, running, stage } from '../support/turn-harness.ts';

describe('a turn', () => {
  it('invariants 4 and 5: tells people once and without secrets that a model failed, and drops what the turn decided', async () => {
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

  it("tells what to look at after a model failed in the operator's own chat only", async () => {
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

  it('invariant 2: commits nothing when the process stops, and goes on from its last step after the restart', async () => {
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
    expect((await pending()).map(({ text }) => text)).to.deep.equal(['Here I am.\n\n(Made: promise #1.)']);
    expect(await world.storage.stores.promises.find({ limit: 10 })).to.have.length(1);
  });

  it('invariant 2: uses one message for a growing answer, its rerun after a crash, and the reply', async () => {
    const world = makeWorld();
    const { process, model, stores } = await stage([{ hang: true, deltas: ['It lea'] }], [ask(1)], { world });
    const turn = process.answerChat(chat, running);
    void turn.catch(() => 'cut off by the crash');
    await model.untilAsked(1);
    await settle();
    process.life.end();
    const again = makeScriptedModel([{ hang: true, deltas: ['It leaves'] }]);
    const next = makeProcess(world, { model: again });
    await next.receive(ask(2));
    const turnAgain = next.answerChat(chat, running);
    await again.untilAsked(1);
    await settle();
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

  it('shows the model no more history than is configured', async () => {
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

  it("invariant 1: answers messages that don't fit together in several turns, and skips none", async () => {
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

  it('shows the model a message that is longer than the whole budget', async () => {
    const { process, model } = await stage([{ text: 'a' }], [ask(1, 'x'.repeat(900))], { turn: { maxHistoryTokens: 100 } });
    await process.answerChat(chat, running);
    expect(withoutNotes(model.requests[0]?.conversation)).to.have.length(1);
  });

  it('invariant 4: does not answer a message whose chat was removed from the configuration before its turn', async () => {
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

  it('rule 8: shows typing and drafts while the agent answers, and nothing once its answer is queued', async () => {
    const { process, world, model } = await stage([{ hang: true, deltas: ['It leaves'] }]);
    const queued: number[] = [];
    const turn = process.answerChat(chat, running).then(() => queued.push(world.gateway.typing.length, world.gateway.drafts.length));
    await model.untilAsked(1);
    await advance(world, 30_000, 1_000);
    await turn;
    expect(world.gateway.typing).to.have.length.within(6, 7);
    await advance(world, 60_000);
    expect([world.gateway.typing.length, world.gateway.drafts.length]).to.deep.equal(queued);
    expect(world.clock.timers).to.equal(0);
  });

  it('rule 8: shows no typing for a command', async () => {
    const { process, world } = await stage([], [ask(1, '/status')]);
    await process.answerChat(chat, running);
    await settle();
    expect(world.gateway.typing).to.deep.equal([]);
  });

  it('rule 10: says how late a reply is, from its draft on, if the message is older than ten minutes', async () => {
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
      await settle();
      expect(world.gateway.drafts.map(({ text }) => text)).to.deep.equal([`${words}At`]);
      world.clock.advance(30_000);
      await turn;
      const reply = (await stores.outbox.answering(chat, telegramMessage(2)))[0]?.text ?? '';
      expect(reply.slice(0, words.length + 16)).to.equal(`${words}At …\n\nThis takes`);
      expect((await stores.conversations.recent(chat, 1))[0]?.step).to.have.property('text', reply.slice(words.length));
    }
  });

  it('rule 6: limits the tools of a turn to the workspace of its group', async () => {
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

  it('cancels a promise that one turn made and cancelled, and tells its chat', async () => {
    const { process, stores, pending } = await stage([promising('Compare'), cancelling(1), { text: 'Never mind #1.' }]);
    await process.answerChat(chat, running);
    expect((await stores.promises.get(promiseId(1)))?.status).to.equal('cancelled');
    expect((await pending()).map(({ text }) => text)).to.deep.equal([
      'Never mind #1.',
      'Promise #1 is cancelled: Compare\n\nAs you asked.',
    ]);
  });

  it('invariant 4: refuses to cancel the promise of another chat, as if it did not exist', async () => {
    const { process, stores, model } = await stage([cancelling(40), { text: 'There is none.' }]);
    await stores.promises.add([buildPromise({ id: promiseId(40), chatId: GROUP })]);
    await process.answerChat(chat, running);
    expect(model.requests[1]?.conversation.at(-1)).to.include({ isError: true, output: 'there is no promise #40' });
    expect((await stores.promises.get(promiseId(40)))?.status).to.equal('pending');
  });

  it('leaves a promise as it is that settled while a turn cancelled it, and commits the turn', async () => {
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
