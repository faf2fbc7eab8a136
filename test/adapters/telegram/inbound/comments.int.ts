import { expect } from 'chai';
import { telegramChat } from '../../../../src/testing/index.ts';
import { ANN, BEN, BOT, onStage, type Stage, supergroupId } from '../gateway-stage.ts';

const CHANNEL = 1_500_000_099;

/** The group discusses what a channel posts; a post is there. */
const withPost = ({ server: { world } }: Stage) => {
  const channel = world.addSupergroup({ id: CHANNEL, title: 'News', members: [BEN] });
  const group = world.state.groups.get(supergroupId);
  if (group) group.discusses = channel.markedId;
  return world.sendMessage({ from: BEN, chat: supergroupId, text: 'a post', inNameOf: channel.markedId, isPost: true });
};

describe("A comment on a channel's post", () => {
  it('is said to nobody in particular; a reply to another comment is said to its author', () =>
    onStage({}, async (stage) => {
      const { world, calls } = stage.server;
      const life = await stage.start();
      const replyTo = withPost(stage);
      const comment = world.sendMessage({ from: ANN, chat: supergroupId, text: 'a comment', replyTo });
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'another comment', replyTo });
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'to Ann', replyTo: comment });
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'for @kept_bot', replyTo });
      await life.untilReceived('a comment', 'another comment', 'to Ann', 'for');
      const addressee = (text: string) => life.received.find((message) => message.text === text)?.addressedTo;
      expect(['a comment', 'another comment', 'to Ann', 'for'].map(addressee)).to.deep.equal([undefined, undefined, 'other', 'us']);
      const thread = telegramChat(supergroupId, world.messageId(replyTo, BOT));
      expect(life.received.filter(({ replyTo }) => replyTo).map(({ chat }) => chat.id)).to.deep.equal([thread, thread, thread, thread]);
      // The post is asked for once.
      expect(calls.items.filter(({ method, userId }) => method === 'channels.getMessages' && userId === BOT)).to.have.length(1);
    }));

  it('is looked for in discussion groups alone: elsewhere a reply to another costs no call', () =>
    onStage({}, async ({ server: { world, calls }, start }) => {
      const life = await start();
      const replyTo = world.sendMessage({ from: ANN, chat: supergroupId, text: 'a message' });
      world.sendMessage({ from: BEN, chat: supergroupId, text: 'a reply', replyTo });
      await life.untilReceived('a reply');
      expect(life.received.at(-1)?.addressedTo).to.equal('other');
      expect(life.received.at(-1)?.chat.id, 'a chain of replies is no thread').to.equal(telegramChat(supergroupId));
      expect(calls.items.some(({ method }) => method === 'channels.getMessages')).to.equal(false);
    }));

  it('waits until Telegram can be asked', () =>
    onStage({}, async (stage) => {
      const life = await stage.start();
      const replyTo = withPost(stage);
      stage.server.faults.fail('channels.getMessages', 'INTERNAL', 2);
      stage.server.world.sendMessage({ from: ANN, chat: supergroupId, text: 'a comment', replyTo });
      await life.untilReceived('a comment');
      expect(life.received.find(({ text }) => text === 'a comment')?.addressedTo).to.equal(undefined);
    }));
});
