import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { markedChannelId } from '../../../../src/adapters/telegram/client/ids.ts';
import { makeIsComment } from '../../../../src/adapters/telegram/inbound/channel-posts.ts';
import { telegramChat, telegramMessage } from '../../../../src/testing/index.ts';

const GROUP = 8;
const POSTER = 9;
const marked = markedChannelId(GROUP);
const here = telegramChat(marked);
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

const isComment = async (on: Api.Message, hasLink = true): Promise<boolean> => {
  const found = new Api.messages.Messages({ messages: [on], topics: [], chats: [], users: [] });
  const inputChannel = () => new Api.InputChannel({ channelId: returnBigInt(GROUP), accessHash: returnBigInt(0) });
  const ask = makeIsComment({ call: (async () => found) as never, peers: { inputChannel } });
  return ask(here, { id: telegramMessage(5), to: telegramMessage(1) }, new Map([[marked, group(hasLink)]]));
};

describe('A reply in a group that discusses a channel', () => {
  it("is a comment on the channel's own post", async () => {
    expect(await isComment(forwarded(POSTER))).to.equal(true);
  });

  it('is none on what a channel forwards from another one, nor where there is no channel', async () => {
    expect(await isComment(forwarded(POSTER + 1))).to.equal(false);
    expect(await isComment(forwarded(POSTER), false)).to.equal(false);
  });
});
