import { expect } from 'chai';
import type { MessageId } from '../../../src/domain/index.ts';
import { buildMessage, GROUP, makeScriptedModel, telegramChat, telegramMessage } from '../../../src/testing/index.ts';
import { withoutNotes } from '../../support/without-notes.ts';
import { makeGate } from '../support/gate.ts';
import { advance, makeProcess, makeWorld } from '../support/harness.ts';
import { asking, BOB, edited, ids, inGroup, running, sharing, slow, stage } from '../support/revision-harness.ts';

describe('a deletion', () => {
  const everything = async (world: ReturnType<typeof makeWorld>, chat = GROUP, all: MessageId[] = ids(1, 2, 3, 4)): Promise<string> => {
    const { conversations, messages } = world.storage.stores;
    return JSON.stringify([await conversations.recent(chat, 50), await Promise.all(all.map((id) => messages.get(chat, id)))]);
  };

  it('erases deleted messages from the conversation, from replies to them, and from the store', async () => {
    const { receive, erase, answer, told, world, explained } = stage();
    await receive(inGroup(1, 'one secret'), asking(2, 'another secret', { replyTo: telegramMessage(1) }));
    await answer();
    await receive(inGroup(3, 'hm', { replyTo: telegramMessage(2) }));
    await erase({ chat: GROUP, messageIds: ids(1, 2, 99) });
    await erase({ chat: GROUP, messageIds: ids(1, 2, 99) });
    expect(await everything(world)).to.not.include('secret');
    await receive(asking(4, 'what did they say?'));
    await answer();
    expect(told()).to.equal(
      [
        '(What was said before is not shown.)',
        'Answer 1.',
        '(In reply to message 2, from Bob (id 502), which cannot be seen.)\n(Overheard, not said to you) Bob (id 502): hm',
        'Bob (id 502): what did they say?',
      ].join('\n\n'),
    );
    expect(await explained(2)).to.include(
      'Deleted from the chat, or forgotten here, as of 2026-11-22T12:00:00.000Z: what it said is gone.',
    );
  });

  it('drops a waiting message that is deleted, and does not bring it back for a later edit or repeat', async () => {
    const { receive, erase, answer, world, explained } = stage();
    const secret = asking(1, 'a secret');
    await receive(secret);
    await erase({ chat: GROUP, messageIds: ids(1) });
    await receive(secret, edited(secret, 'a secret, again'));
    expect(await answer()).to.equal(false);
    expect(await everything(world)).to.not.include('secret');
    expect(await explained(1))
      .to.include('and it is not answered.')
      .and.include('Verdict: ignored.');
  });

  it('restarts a running turn without a message that is deleted meanwhile', async () => {
    const world = makeWorld();
    const gate = makeGate<number>();
    const usage = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const withdrawn: unknown[][] = [];
    const withdraw = async (...what: unknown[]): Promise<void> => void withdrawn.push(what);
    const process = makeProcess(world, {
      gateways: [{ ...world.gateway, withdraw }],
      model: {
        name: 'held/held-1',
        respond: async ({ conversation }, { signal }) => {
          const texts = withoutNotes(conversation).flatMap((step) => (step.role === 'person' ? [step.text] : []));
          await gate.hold(texts.length, signal);
          return { text: `re ${texts}`, toolCalls: [], stop: 'end', usage, model: 'held-1' };
        },
      },
    });
    const first = await process.receive(asking(1, 'one'));
    await process.receive(asking(2, 'two'));
    process.start();
    await advance(world, 500, 100);
    await process.erase({ chat: GROUP, messageIds: ids(1) });
    await advance(world, 500, 100);
    gate.release(1);
    await world.gateway.untilSent(1);
    expect(world.gateway.sent.map(({ text, answers }) => [text, answers])).to.deep.equal([['re two', ids(2)]]);
    expect(withdrawn, 'what was shown of the answer to both').to.deep.equal([[GROUP, first.replyKey]]);
  });

  it('erases the quotations of a deleted message from replies that wait, are answered, or come later', async () => {
    const { receive, erase, answer, told, world } = stage();
    const quoting = (n: number) => asking(n, 'what is that?', { replyTo: telegramMessage(1), replied: { quote: 'one secret' } });
    await receive(inGroup(1, 'one secret, one riddle'), quoting(2));
    await answer();
    await receive(quoting(3));
    await erase({ chat: GROUP, messageIds: ids(1) });
    await receive(quoting(4));
    expect(await everything(world)).to.not.include('secret');
    await answer();
    expect(told()).to.include('(In reply to message 1, from Bob (id 502), which cannot be seen.)').and.not.include('secret');
    const direct = buildMessage({
      messageId: telegramMessage(3),
      text: 'why?',
      replyTo: telegramMessage(1),
      replied: { quote: 'one secret' },
    });
    await receive(direct);
    await erase({ chat: sharing, messageIds: ids(1) });
    expect(await everything(world, telegramChat(501))).to.not.include('secret');
  });

  for (const isReceived of [true, false])
    it(`of what is replied to lets an answer under way begin anew, ${isReceived ? 'received' : 'or never received'} before`, async () => {
      const { world, process, gate } = slow(async () => (isDeleted ? undefined : { sender: BOB, text: 'one secret' }));
      let isDeleted = false;
      if (isReceived) await process.receive(inGroup(1, 'one secret'));
      await process.receive(asking(2, 'what is that?', { replyTo: telegramMessage(1) }));
      process.start();
      await advance(world, 500, 100);
      isDeleted = true;
      await process.erase({ chat: GROUP, messageIds: ids(1) });
      await advance(world, 500, 100);
      gate.release('can not be seen');
      await world.gateway.untilSent(1);
      expect(await everything(world)).to.not.include('secret');
    });

  it("changes nothing if a deletion can't be stored, and accepts it again", async () => {
    for (const failing of ['messages.withIds', 'messages.erase', 'messages.eraseQuotes', 'conversations.erase']) {
      const world = makeWorld();
      let failures = 1;
      const process = makeProcess(world, {
        model: makeScriptedModel([{ text: 'Yes.' }]),
        onUnitCall: (call) => {
          if (call === failing && failures-- > 0) throw new Error('disk full');
        },
      });
      await process.receive(inGroup(1, 'one secret'));
      const before = await everything(world);
      const deleted = { chat: GROUP, messageIds: ids(1, 99) };
      expect(await process.erase(deleted).catch(({ message }) => message), failing).to.equal('disk full');
      expect(await everything(world), failing).to.equal(before);
      await process.erase(deleted);
      expect(await everything(world), failing).to.not.include('secret');
    }
  });

  it('applies a deletion without a chat only to chats that share their message numbers', async () => {
    const { receive, erase, record } = stage();
    const direct = buildMessage({ text: 'direct' });
    await receive(inGroup(1, 'supergroup'), direct);
    await erase({ chat: sharing, messageIds: ids(1) });
    expect(await record(1)).to.have.nested.property('message.text', 'supergroup');
    expect(await record(1, telegramChat(501))).to.have.nested.property('message.text', '');
  });

  it('erases the words of a deleted message that was never received from the replies to it', async () => {
    const world = makeWorld();
    const readReplied = async () => ({ sender: BOB, text: 'a secret' });
    const process = makeProcess(world, { model: makeScriptedModel([{ text: 'Yes.' }]), gateways: [{ ...world.gateway, readReplied }] });
    await process.receive(buildMessage({ messageId: telegramMessage(2), text: 'why?', replyTo: telegramMessage(1) }));
    await process.answerChat(telegramChat(501), running);
    expect(await everything(world, telegramChat(501))).to.include('a secret');
    await process.erase({ chat: sharing, messageIds: ids(1) });
    expect(await everything(world, telegramChat(501))).to.not.include('a secret');
  });

  it('keeps the other parts of messages that came together when one is deleted', async () => {
    const { receive, erase, answer, told, world } = stage();
    const parts = [1, 2, 3].map((n) => ({ messageId: telegramMessage(n), text: `[photo ${n}]` }));
    await receive(inGroup(1, '[photo 1]\n[photo 2]\n[photo 3]', { parts }));
    await erase({ chat: GROUP, messageIds: ids(1, 3) });
    await receive(asking(4, 'what is that?'));
    await answer();
    expect(told()).to.equal('(Overheard, not said to you) Bob (id 502): [photo 2]\n\nBob (id 502): what is that?');
    await erase({ chat: GROUP, messageIds: ids(2) });
    expect(await everything(world)).to.not.include('photo');
  });

  it('still answers a message of which one part was deleted, and logs it', async () => {
    const { receive, erase, answer, told, record, process } = stage();
    const parts = [1, 2].map((n) => ({ messageId: telegramMessage(n), text: `[photo ${n}]` }));
    await receive(asking(1, '[photo 1]\n[photo 2]', { parts }));
    await erase({ chat: GROUP, messageIds: ids(1) });
    expect(process.logger.lines.flatMap(({ message }) => (message.includes('deleted') ? [message] : []))).to.deep.equal([
      'message deleted in part: the rest of it stays',
    ]);
    await answer();
    expect(told()).to.equal('Bob (id 502): [photo 2]');
    expect((await record(1))?.verdict).to.have.property('kind', 'answered');
  });
});
