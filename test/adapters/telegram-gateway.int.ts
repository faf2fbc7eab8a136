import { expect } from 'chai';
import { ANN, answer, BEN, BOT, delivered, groupId, onStage, replyTo, supergroupId } from './telegram-gateway-stage.ts';

describe('Telegram gateway', () => {
  it('receives direct messages, and answers them with the stored random id', () =>
    onStage({}, async ({ server, start }) => {
      const life = await start();
      expect(life.gateway.health()).to.deep.equal({ name: 'telegram', status: 'ok', detail: 'connected as @kept_bot' });
      expect(life.gateway.self()).to.deep.equal({ id: BOT, username: 'kept_bot', isBot: true });
      server.world.sendMessage({ from: ANN, chat: BOT, text: 'hello' });
      await life.untilReceived('hello');
      const [message] = life.received;
      expect(message).to.deep.include({ chatId: ANN, chatKind: 'direct', addressedTo: 'us' });
      expect(message?.sender).to.deep.equal({ id: ANN, username: 'ann', displayName: 'Ann', kind: 'person' });
      const outgoing = answer(ANN, 'hello **Ann**', replyTo(message?.messageId ?? 0));
      const id = await delivered(life, outgoing);
      const [sent] = server.sent.items;
      expect(sent).to.deep.include({ text: 'hello Ann' });
      expect(sent?.randomId?.toString()).to.equal(outgoing.randomId);
      expect(server.world.message(BOT, ANN, id)?.text).to.equal('hello Ann');
    }));

  it('receives and answers in basic groups and supergroups', () =>
    onStage({}, async ({ server, start }) => {
      const life = await start();
      server.world.sendMessage({ from: ANN, chat: groupId, text: 'in the group' });
      server.world.sendMessage({ from: BEN, chat: supergroupId, text: 'in the supergroup' });
      await life.untilReceived('in the group', 'in the supergroup');
      for (const { chatId, messageId } of life.received) await life.gateway.send(answer(chatId, `seen in ${chatId}`, replyTo(messageId)));
      expect(server.sent.items.map(({ text }) => text)).to.have.members([`seen in ${groupId}`, `seen in ${supergroupId}`]);
    }));

  for (const account of ['bot', 'user'] as const)
    it(`sends as fast as Telegram puts up with from a ${account === 'bot' ? 'bot' : 'person'}`, () =>
      onStage({ account }, async ({ start }) => {
        const { limits } = (await start()).gateway;
        expect(limits).to.deep.include({ draftIntervalMs: 3_000, chatIntervalMs: 1_000, groupSendsPerMinute: 20 });
        expect(limits.sendsPerSecond).to.equal(account === 'bot' ? 30 : 1);
        expect(limits.draftsInGroups ?? true).to.equal(account === 'bot');
      }));
});
