import { expect } from 'chai';
import { reviseMessage } from '../../../src/application/inbox/revise-message.ts';
import type { ResponseDecision } from '../../../src/domain/message/response.ts';
import type { MessageOverrides } from '../../../src/testing/index.ts';
import { GROUP, makeScriptedModel, START, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld, SECRET, settle } from '../support/harness.ts';
import { asking, edited, ids, inGroup, MINUTE, running, slow, stage } from '../support/revision-harness.ts';

describe('an edit', () => {
  it('changes an overheard message in its place in the conversation when it is edited', async () => {
    const { receive, answer, told, record } = stage();
    const meeting = inGroup(1, 'the meeting is at 5');
    await receive(meeting, inGroup(2, 'fine'), edited(meeting, 'the meeting is at 6'), asking(3, 'when is the meeting?'));
    await answer();
    expect(told()).to.match(
      /^\(Overheard, not said to you\) Bob \(id 502\): the meeting is at 6\n\n.*: fine\n\nBob \(id 502\): when is the meeting\?$/,
    );
    expect(await record(1)).to.have.nested.property('message.text', 'the meeting is at 6');
  });

  it('corrects a remembered message when it is edited after its answer, and sends nothing', async () => {
    const { receive, answer, told, world, record, explained } = stage();
    const question = asking(1, 'is it at 5?');
    await receive(question);
    await answer();
    await receive(edited(question, 'is it at 6?'));
    expect(await answer()).to.equal(false);
    expect((await record(1))?.verdict).to.have.property('kind', 'answered');
    expect(await explained(1)).to.include('Edited 2026-11-22T12:01:00.000Z; what it says now is what is remembered of it.');
    await receive(asking(2, 'well?'));
    await answer();
    expect(told()).to.equal('Bob (id 502): is it at 6?\n\nAnswer 1.\n\nBob (id 502): well?');
    expect(world.gateway.sent).to.have.length(0);
  });

  it('changes what replies tell of an edited message', async () => {
    const { receive, answer, told } = stage();
    const meeting = inGroup(1, 'the meeting is at 5');
    await receive(meeting, asking(2, 'when?', { replyTo: telegramMessage(1) }));
    await answer();
    await receive(edited(meeting, `at 6, ${SECRET}`), asking(3, 'and now?'));
    await answer();
    expect(told()).to.not.include('at 5').and.not.include(SECRET);
    expect(told()).to.include('(In reply to message 1, from Bob (id 502):)\n  > at 6, [redacted]');
  });

  it('that comes before its message, twice, or behind a newer one leaves the newest words', async () => {
    const { receive, answer, told } = stage();
    const [one, two] = [inGroup(1, 'first'), inGroup(2, 'first')];
    await receive(edited(one, 'newest'), one, two, edited(two, 'newest', { editedAt: START + 2 * MINUTE }));
    await receive(
      edited(two, 'older'),
      edited(two, 'newest', { editedAt: START + 2 * MINUTE }),
      edited(one, 'older', { editedAt: START + 1 }),
    );
    await receive(asking(3, 'what?'));
    await answer();
    expect(told().match(/newest/g)).to.have.length(2);
    expect(told()).to.not.match(/first|older/);
  });

  it('that says the same to the same changes nothing, also where all is answered there by now', async () => {
    const { receive, stores, record } = stage();
    const overheard = inGroup(1, 'delete everything');
    await receive(overheard);
    const first = (await record(1)) ?? expect.fail('nothing was received');
    const decided: ResponseDecision = { action: 'answer', rule: 'dev-group' };
    const revise = (more: MessageOverrides = {}) =>
      reviseMessage(stores, first, { message: edited(overheard, overheard.text, more), decided, at: START });
    expect(await revise()).to.equal('repeat');
    expect(await revise({ addressedTo: 'us' })).to.equal('reopened');
  });

  it('by another than its sender changes nothing', async () => {
    const { receive, record } = stage();
    const first = inGroup(1, 'it rains');
    await receive(first, edited(first, 'forged', { sender: { id: telegramUser(503), kind: 'person' } }));
    expect(await record(1)).to.have.nested.property('message.text', 'it rains');
  });

  it('of what is replied to lets an answer under way begin anew, too', async () => {
    const { world, process, gate } = slow();
    const rain = inGroup(1, 'it rains');
    await process.receive(rain);
    await process.receive(asking(2, 'translate this', { replyTo: telegramMessage(1) }));
    process.start();
    await advance(world, 500, 100);
    await process.receive(edited(rain, 'it snows'));
    await advance(world, 500, 100);
    gate.release('it snows');
    await world.gateway.untilSent(1);
    expect(JSON.stringify(await world.storage.stores.conversations.recent(GROUP, 50))).to.not.include('rains');
  });

  it('that makes a /stop of a message that waits ends the turn that runs', async () => {
    const { world, process } = slow();
    await process.receive(asking(1, 'one'));
    process.start();
    await advance(world, 500, 100);
    const second = asking(2, 'two');
    await process.receive(second);
    await process.receive(edited(second, '/stop'));
    await world.gateway.untilSent(1);
    expect(world.gateway.sent.map(({ text }) => text)).to.deep.equal(['Stopped, as you asked. Nothing was changed.']);
  });

  it('restarts a running turn when its message is edited, and answers the new words once', async () => {
    const world = makeWorld();
    const gate = makeGate<string>();
    const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const process = makeProcess(world, {
      model: {
        name: 'held/held-1',
        respond: async ({ conversation }, { signal }) => {
          const last = withoutNotes(conversation).at(-1);
          const asked = last?.role === 'person' ? last.text : '';
          await gate.hold(asked, signal);
          return { text: `re ${asked}`, toolCalls: [], stop: 'end', usage, model: 'held-1' };
        },
      },
    });
    const question = asking(1, 'what is 1+1?');
    process.start();
    await process.receive(question);
    await settle();
    await process.receive(edited(question, 'what is 2+2?'));
    await advance(world, 1_000, 100);
    gate.release('what is 2+2?');
    await world.gateway.untilSent(1);
    await advance(world, 1_000, 100);
    expect(world.gateway.sent.map(({ text, answers }) => [text, answers])).to.deep.equal([['re what is 2+2?', ids(1)]]);
    const kept = await world.storage.stores.conversations.recent(GROUP, 10);
    expect(kept.map(({ step }) => 'text' in step && step.text)).to.deep.equal(['what is 2+2?', 're what is 2+2?']);
  });

  it('that comes between an answer and its commit is not answered with it', async () => {
    const world = makeWorld();
    const question = asking(1, 'what is 1+1?');
    const model = makeScriptedModel([{ text: 'old' }, { text: 'new' }]);
    const process = makeProcess(world, { model });
    // Another process, so that this one's turn is not told.
    const other = makeProcess(world);
    await process.receive(question);
    const begun = process.answerChat(GROUP, running);
    await other.receive(edited(question, 'what is 2+2?'));
    await begun;
    while (await process.answerChat(GROUP, running));
    const replies = await world.storage.stores.outbox.answering(GROUP, telegramMessage(1));
    expect(replies).to.have.length(1);
    const [said] = await world.storage.stores.conversations.recent(GROUP, 2);
    expect(said?.step).to.have.property('text', 'what is 2+2?');
  });
});

describe('a mention that an edit adds', () => {
  it('answers a mention that an edit adds, once, at the end of the conversation', async () => {
    const { receive, answer, told, world, record } = stage();
    const first = inGroup(1, 'what is 1+1?');
    await receive(first, inGroup(2, 'ask Kept'));
    world.clock.advance(60 * MINUTE);
    const mention = edited(first, 'what is 1+1?', { addressedTo: 'us', editedAt: world.clock.now() });
    await receive(mention);
    expect((await record(1))?.response).to.deep.equal({ action: 'answer', rule: 'addressed-to-us' });
    await answer();
    expect(told()).to.equal('(Overheard, not said to you) Bob (id 502): ask Kept\n\nBob (id 502): what is 1+1?');
    await receive({ ...mention, editedAt: world.clock.now() + 1, text: 'what is 1+2?' });
    expect(await answer()).to.equal(false);
    const replies = await world.storage.stores.outbox.answering(GROUP, telegramMessage(1));
    expect(
      replies.map(({ text }) => text),
      'no word of being late',
    ).to.deep.equal(['Answer 1.']);
    expect(world.gateway.acknowledged).to.deep.equal([{ chatId: GROUP, messageId: telegramMessage(1) }]);
  });

  it('keeps replies to a message that an edit turns into a question, with its new words', async () => {
    const { receive, answer, told } = stage();
    const first = inGroup(1, 'what is 1+1?');
    await receive(first, inGroup(2, 'two', { replyTo: telegramMessage(1) }), edited(first, 'what is 2+2?', { addressedTo: 'us' }));
    await answer();
    expect(told()).to.equal(
      '(In reply to message 1, from Bob (id 502):)\n  > what is 2+2?\n(Overheard, not said to you) Bob (id 502): two\n\nBob (id 502): what is 2+2?',
    );
  });

  it('was said when it was edited', async () => {
    const { receive, answer, model } = stage();
    const first = inGroup(1, 'what is 1+1?');
    await receive(first, edited(first, 'what is 2+2?', { addressedTo: 'us', editedAt: START + 3 * 60 * MINUTE }));
    await answer();
    expect(model.requests[0]?.conversation[0]).to.include({ text: 'what is 2+2?', at: START + 3 * 60 * MINUTE });
  });

  it('to what is left of an album, to an own message of a bot, or to what was denied is none', async () => {
    const { receive, answer } = stage();
    const ofBot = inGroup(2, 'hi', { sender: { id: telegramUser(9), kind: 'bot' } });
    const denied = inGroup(3, 'hi', { chatId: telegramChat(-99) });
    const first = inGroup(1, 'hi');
    await receive(first, ofBot, denied);
    for (const message of [{ ...first, edited: 'remains' as const }, edited(ofBot, 'x'), edited(denied, 'x')])
      await receive({ ...message, text: 'answer me', addressedTo: 'us' });
    expect(await answer()).to.equal(false);
  });
});
