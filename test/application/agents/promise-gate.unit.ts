import { expect } from 'chai';
import { makeRehearsalModel } from '../../../src/adapters/rehearsal/index.ts';
import { promiseId, scheduleId } from '../../../src/domain/index.ts';
import { isSentBackNote } from '../../../src/domain/promise/gate.ts';
import { PortError, type Tool } from '../../../src/ports/index.ts';
import {
  buildMessage,
  buildPromise,
  GROUP,
  makeScriptedModel,
  type ScriptedStep,
  telegramChat,
  telegramMessage,
  telegramUser,
} from '../../../src/testing/index.ts';
import { CLAIM, cancelling, chat, NOTHING, promising, running, stage, usage } from '../support/gate-harness.ts';
import { advance, makeProcess, makeWorld, SECRET, settle } from '../support/harness.ts';

describe('the promise gate (invariant 3)', () => {
  it('sends back an answer that names a schedule of another chat, and accepts one that names a schedule of its own', async () => {
    const claim = 'It is scheduled: every morning you will get it (schedule #1).';
    const { answer, outcome, process, model } = await stage([{ text: claim }, { text: claim }]);
    const elsewhere = { chatId: telegramChat(502), chatKind: 'direct' as const, requestedBy: { id: telegramUser(501) } };
    await process.schedule({ description: 'count', cron: '@daily' }, elsewhere);
    await answer();
    expect(await outcome()).to.include({ text: 'There is no schedule #1 here.', gate: 'rewritten' });
    const note = model.requests[1]?.conversation.at(-1);
    expect(note).to.have.property('text').that.includes('#1 is no schedule that stands in this chat');
    expect(note, 'which no person has said').to.include({ note: true });

    const own = await stage([{ text: claim }]);
    await own.process.schedule({ description: 'count', cron: '@daily' }, { ...elsewhere, chatId: chat });
    await own.answer();
    expect(await own.outcome()).to.include({ text: claim, gate: undefined });
  });

  it('accepts no claim of work to come that rests on a schedule ended in the same turn', async () => {
    const world = makeWorld();
    const maker = makeProcess(world);
    await maker.schedule(
      { description: 'count', cron: '@daily' },
      { chatId: chat, chatKind: 'direct', requestedBy: { id: telegramUser(501) } },
    );
    const end: Tool = {
      name: 'cancel_schedule',
      description: '',
      inputSchema: {},
      effect: 'decides',
      activity: 'looking',
      timeoutMs: 30_000,
      run: async (_, context) => ({ output: 'ok', isError: !(await maker.draftScheduleEnd(scheduleId(1), context)).ok }),
    };
    const claim = `Schedule #1 was cancelled. ${CLAIM}`;
    const model = makeScriptedModel([{ toolCalls: [{ id: 'e', tool: end.name, input: {} }] }, { text: claim }, { text: claim }]);
    const { receive, answerChat } = makeProcess(world, { model, tools: [end] });
    await receive(buildMessage({ text: 'Stop counting' }));
    await answerChat(chat, running);
    const [reply] = await world.storage.stores.outbox.answering(chat, telegramMessage(1));
    expect(reply?.text).to.equal(`Schedule #1 was cancelled. ${NOTHING}`);
  });

  it('sends back an answer that claims work without a promise, once, and accepts it after a promise was made', async () => {
    const { model, answer, outcome, stores, process, gates } = await stage([
      { text: `It is odd. ${CLAIM}`, usage },
      promising('Find out why'),
      { text: 'That is promise #1: I will report back.', usage },
    ]);
    await answer();
    const { text, gate, turn, lines, promises } = await outcome();
    expect({ text, gate, outcome: turn?.outcome }).to.deep.equal({
      text: 'That is promise #1: I will report back.',
      gate: 'sent-back',
      outcome: 'promised',
    });
    expect(promises.map(({ description, status }) => [description, status])).to.deep.equal([['Find out why', 'pending']]);
    const [claimed, note] = model.requests[1]?.conversation.slice(-2) ?? [];
    expect(claimed).to.deep.equal({
      role: 'agent',
      text: `It is odd. ${CLAIM}`,
      toolCalls: [],
      provenance: { labels: ['member'] },
    });
    expect(note).to.include({ role: 'person', note: true });
    expect(note?.role === 'person' && isSentBackNote(note.text) && note.text)
      .to.include(`“${CLAIM}”`)
      .and.include('make_promise');
    expect(turn).to.deep.include({ toolCalls: 1, usage: { inputTokens: 3, outputTokens: 6, cacheReadTokens: 9, cacheWriteTokens: 12 } });
    expect(lines).to.include(
      'Promise gate: the answer claimed work that was not promised; the model was asked again, and its next answer was true.',
    );
    const kept = (await stores.conversations.recent(chat, 10)).map(({ step }) => (step.role === 'tool' ? step.output : step.text));
    expect(kept, 'neither the first answer nor the note').to.deep.equal(['Why is it slow?', '', '#1', text]);
    const about = { chatId: chat, agent: 'telegram_chat_agent' };
    expect(gates()).to.deep.equal([{ type: 'answer-sent-back', gate: 'sent-back', ...about, claims: [CLAIM] }]);
    expect(process.recorded.of('answer-corrected')).to.deep.equal([
      { type: 'answer-corrected', gate: 'sent-back', ...about, promises: [1] },
    ]);
    expect(process.logger.lines.find(({ level }) => level === 'warn')?.fields).to.deep.equal({
      gate: 'sent-back',
      ...about,
      claims: [CLAIM],
    });
  });

  it('delivers an answer that was sent back and then says plainly what is not done', async () => {
    const { answer, outcome } = await stage([{ text: CLAIM }, { text: 'I can not find out. Nothing is under way.' }]);
    await answer();
    expect(await outcome()).to.deep.include({ text: 'I can not find out. Nothing is under way.', gate: 'sent-back', promises: [] });
  });

  it('removes the claims of an answer that claims again, and says the truth in the reply and the conversation', async () => {
    const { model, answer, outcome, stores, gates } = await stage([{ text: CLAIM }, { text: `It is odd. ${CLAIM}\n\nI'm on it!` }]);
    await answer();
    const { text, gate, lines } = await outcome();
    expect({ text, gate }).to.deep.equal({ text: `It is odd. ${NOTHING}`, gate: 'rewritten' });
    expect(model.remaining).to.equal(0);
    expect((await stores.conversations.recent(chat, 1))[0]?.step).to.deep.equal({
      role: 'agent',
      text,
      toolCalls: [],
      provenance: { labels: ['member', 'agent'] },
    });
    expect(lines.some((line) => line.startsWith('Promise gate:') && line.includes('taken out'))).to.equal(true);
    expect(gates().map(({ type }) => type)).to.deep.equal(['answer-sent-back', 'answer-rewritten']);
    expect(gates()[1]).to.have.deep.property('claims', [CLAIM, "I'm on it!"]);
  });

  it('delivers a true answer as it is, and asks the model once', async () => {
    const scripts: (readonly ScriptedStep[])[] = [
      [{ text: 'The disk is full.' }],
      [promising('Find out'), { text: `${CLAIM} See promise #1.` }],
      [{ text: 'I can look into it if you like.' }],
    ];
    for (const script of scripts) {
      const { model, answer, outcome, gates } = await stage(script);
      await answer();
      const { text, gate } = await outcome();
      expect(script.at(-1)).to.include({ text });
      expect(gate).to.equal(undefined);
      expect([model.remaining, gates().length]).to.deep.equal([0, 0]);
    }
  });

  it('a promise of another chat, or one that never was, is not claimed; one of this chat may be', async () => {
    const { answer, outcome, stores } = await stage([
      { text: 'Promise #7 and promise #8 run.' },
      { text: 'Promise #7 runs. Promise #8 runs, and so does promise #9.' },
    ]);
    await stores.promises.add([buildPromise({ id: promiseId(7) }), buildPromise({ id: promiseId(8), chatId: GROUP })]);
    await answer();
    const { text, gate } = await outcome();
    expect({ text, gate }).to.deep.equal({
      text: 'Promise #7 runs. There is no promise #8, #9 that stands here.',
      gate: 'rewritten',
    });
  });

  it('a promise that was drafted and cancelled in the same turn stands behind nothing', async () => {
    const { answer, outcome } = await stage([promising('x'), cancelling(1), { text: 'Promise #1 brings it.' }, { text: CLAIM }]);
    await answer();
    expect(await outcome()).to.deep.include({ text: NOTHING, gate: 'rewritten' });
  });

  it('a promise is drafted in a run that is sent back, and its commit fails at any store call: nothing is sent, nothing stands', async () => {
    const script = (): ScriptedStep[] => [{ text: CLAIM }, promising('x'), { text: 'As promise #1.' }];
    let calls = Number.NEGATIVE_INFINITY;
    let failAt = Number.POSITIVE_INFINITY;
    let count = 0;
    const onUnitCall = (name: string): void => {
      count = calls + 1;
      if (calls++ === failAt) throw new PortError('unavailable', `${name} failed`, { retryable: true });
    };
    const probe = await stage(script(), { onUnitCall });
    calls = 0;
    await probe.answer();
    const total = count;
    expect(total).to.be.above(4);
    for (failAt = 0; failAt < total; failAt++) {
      calls = Number.NEGATIVE_INFINITY;
      const { answer, outcome, world, process } = await stage(script(), { onUnitCall });
      calls = 0;
      expect(await answer().catch((error: unknown) => error)).to.have.property('code', 'unavailable');
      expect(await outcome()).to.deep.include({ text: undefined, promises: [] });
      process.deliverer.start();
      await settle();
      expect(world.gateway.attempts).to.deep.equal([]);
    }
  });

  it('rule 8: a draft that showed the claim becomes the true answer: it is the same message', async () => {
    const { answer, world, process } = await stage([
      { text: CLAIM, deltas: ["I'll look into it ", 'and get back to you.'] },
      { text: CLAIM, deltas: ['On ', 'reflection: ', CLAIM] },
    ]);
    process.deliverer.start();
    await answer();
    await advance(world, 10_000);
    expect(world.gateway.drafts.map(({ text }) => text)).to.include(CLAIM.slice(0, 18));
    expect(world.gateway.sent.map(({ text }) => text)).to.deep.equal([NOTHING]);
    expect(new Set([...world.gateway.drafts, ...world.gateway.sent].map(({ deliveryKey }) => deliveryKey)).size).to.equal(1);
  });

  it('makes a promise of a question whose answer takes too long after it was sent back', async () => {
    const { answer, outcome, world, model } = await stage([{ text: CLAIM }, { hang: true }]);
    const turn = answer();
    await model.untilAsked(2);
    world.clock.advance(30_000);
    await turn;
    const { text, promises } = await outcome();
    expect(text).to.match(/goes on in the background as promise #1/);
    expect(promises.map(({ description }) => description)).to.deep.equal(['Why is it slow?']);
  });

  it('invariant 4: no secret of a claim is in the note or the log', async () => {
    const { answer, model, process } = await stage([{ text: `I'll look into ${SECRET}.` }, { text: 'No.' }]);
    await answer();
    expect(model.requests).to.have.length(2);
    expect(JSON.stringify([model.requests[1], process.logger.lines])).not.to.include(SECRET);
  });

  describe('with the rehearsal model', () => {
    it('“claim without promise” is sent back, and kept', async () => {
      const { answer, outcome } = await stage([], { model: makeRehearsalModel() }, 'claim without promise');
      await answer();
      const { gate, promises, text } = await outcome();
      expect(gate).to.equal('sent-back');
      expect(text).not.to.include('get back to you');
      expect(promises.map(({ description }) => description)).to.deep.equal(['count the TODO comments in this project']);
    });

    it('“keep claiming without promise” is sent back, and rewritten', async () => {
      const { answer, outcome } = await stage([], { model: makeRehearsalModel() }, 'keep claiming without promise');
      await answer();
      const { gate, promises, text } = await outcome();
      expect([gate, promises]).to.deep.equal(['rewritten', []]);
      expect(text).to.match(new RegExp(`^You asked for a false claim, and here it is\\. ${NOTHING}\n\n`));
    });
  });
});
