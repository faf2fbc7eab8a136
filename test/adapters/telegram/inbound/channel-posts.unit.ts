import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import { makeComments, type Reply } from '../../../../src/adapters/telegram/inbound/channel-posts.ts';
import type { KeyValueState } from '../../../../src/ports/index.ts';

const GROUP = 8;
const POSTER = 9;
const room = markedChannelId(GROUP);
const peerOf = (id: number) => new Api.PeerChannel({ channelId: returnBigInt(id) });
const group = (hasLink: boolean) =>
  new Api.Channel({ id: returnBigInt(GROUP), title: 'Talk', photo: new Api.ChatPhotoEmpty(), date: 1, hasLink });

/** In that channel's name, forwarded from a post of `savedFrom`. */
const forwarded = (savedFrom: number) =>
  new Api.Message({
    id: 1,
    peerId: peerOf(GROUP),
    fromId: peerOf(POSTER),
    date: 1,
    message: 'news',
    fwdFrom: new Api.MessageFwdHeader({ date: 1, savedFromPeer: peerOf(savedFrom), savedFromMsgId: 3 }),
  });

const memory = () => makeMemoryStorage().state('telegram');
const onPost: Reply = { room, id: 5, to: 1, top: 1 };
const onComment: Reply = { room, id: 6, to: 5, top: 1 };

/** Telegram has that at the top of the chain. `asked`: how it was asked. */
const makeStage = (top: Api.TypeMessage, state: KeyValueState = memory(), hasLink = true) => {
  const asked: string[] = [];
  const call = async (request: Api.channels.GetMessages) => {
    asked.push(...request.id.map((each) => each.className));
    return new api.Messages({ messages: [top], topics: [], chats: [], users: [] });
  };
  const inputChannel = () => new Api.InputChannel({ channelId: returnBigInt(GROUP), accessHash: returnBigInt(0) });
  const comments = makeComments({ state, call: call as never, peers: { inputChannel, chat: () => undefined } });
  const chats = new Map([[room, group(hasLink)]]);
  return { asked, load: comments.load, isComment: (reply: Reply) => comments.isComment(reply, chats) };
};
const api = Api.messages;

describe('Comments in a group that discusses a channel', () => {
  it("are the replies in a chain that starts with the channel's own post", async () => {
    const { isComment, asked } = makeStage(forwarded(POSTER));
    expect([await isComment(onPost), await isComment(onComment)]).to.deep.equal([true, true]);
    expect(asked, 'one chain is asked for once').to.have.length(1);
  });

  it('are no replies to what a channel forwards from another one, nor those in a group without a channel', async () => {
    for (const reply of [onPost, onComment]) {
      expect(await makeStage(forwarded(POSTER + 1)).isComment(reply)).to.equal(false);
      expect(await makeStage(forwarded(POSTER), memory(), false).isComment(reply)).to.equal(false);
    }
  });

  it('are told by the reply where they reply to the top of the chain, by its number else', async () => {
    for (const [reply, named] of [
      [onPost, 'InputMessageReplyTo'],
      [onComment, 'InputMessageID'],
    ] as const) {
      const { isComment, asked } = makeStage(forwarded(POSTER));
      await isComment(reply);
      expect(asked).to.deep.equal([named]);
    }
  });

  it('may be what replies deeper in a chain whose top is not shown; what replies to a top that is gone is none', async () => {
    const unseen = new Api.MessageEmpty({ id: 1 });
    expect(await makeStage(unseen).isComment(onComment)).to.equal(true);
    expect(await makeStage(unseen).isComment(onPost)).to.equal(false);
  });

  it('stay comments when the post is deleted, for the next process, too', async () => {
    const state = memory();
    await makeStage(forwarded(POSTER), state).isComment(onPost);
    const next = makeStage(new Api.MessageEmpty({ id: 1 }), state);
    await next.load();
    expect(await next.isComment(onPost)).to.equal(true);
    expect(next.asked).to.deep.equal([]);
  });

  it('stay comments when the group discusses the channel no more', async () => {
    const state = memory();
    await makeStage(forwarded(POSTER), state).isComment(onPost);
    const next = makeStage(forwarded(POSTER), state, false);
    await next.load();
    expect([await next.isComment(onPost), await next.isComment({ ...onPost, id: 7, to: 2, top: 2 })]).to.deep.equal([true, false]);
  });
});
