import { expect } from 'chai';
import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { makePeers } from '../../../../src/adapters/telegram/client/peers.ts';
import { makeOutbound } from '../../../../src/adapters/telegram/outbound/outbound.ts';
import { makeSentMessages } from '../../../../src/adapters/telegram/outbound/sent-messages.ts';
import { isPortError, silentNotice } from '../../../../src/ports/index.ts';
import { makeFixedClock, telegramChat, telegramMessage } from '../../../../src/testing/index.ts';
import { answer, BOT, groupId, supergroupId } from '../gateway-stage.ts';

/** Acknowledges a message of a supergroup, where Telegram answers the reaction as `answers` does. */
const acknowledged = async (answers: () => Api.TypeUpdates) => {
  const state = makeMemoryStorage().state('telegram');
  const clock = makeFixedClock();
  const fed: Api.TypeUpdates[] = [];
  const never = async (): Promise<never> => {
    throw new Error('nothing is posted');
  };
  const outbound = makeOutbound({
    call: async () => answers() as never,
    peers: makePeers(state, clock, () => ({ id: BOT, isBot: true })),
    sent: makeSentMessages(state, clock, silentNotice),
    posting: { post: never, edit: never, arrived: never },
    onUpdates: (updates) => fed.push(updates),
    clock,
    partIntervalMs: 1_000,
    notice: silentNotice,
  });
  await outbound.acknowledge(answer(supergroupId, '').chatId, telegramMessage(5));
  return fed;
};

const refuses = (errorMessage: string) => () => {
  throw Object.assign(new Error(errorMessage), { errorMessage, code: 400 });
};

describe('The reaction by which a message is acknowledged', () => {
  it('feeds what Telegram answers into the stream of updates, as it has its number there', async () => {
    const channelId = returnBigInt(1);
    const moved = new Api.UpdateChannelMessageViews({ channelId, id: 5, views: 1 });
    const updates = new Api.Updates({ updates: [moved], users: [], chats: [], date: 1, seq: 0 });
    expect(await acknowledged(() => updates)).to.deep.equal([updates]);
  });

  it('is done where it stands there already', async () => {
    expect(await acknowledged(refuses('MESSAGE_NOT_MODIFIED'))).to.deep.equal([]);
  });

  it('rejects with what Telegram refuses', async () => {
    const failure = await acknowledged(refuses('REACTION_INVALID')).catch((error: unknown) => error);
    expect(isPortError(failure) && failure.code).to.equal('invalid-request');
  });
});

describe('A draft', () => {
  it('changes no message of the chat that a group has become since it was begun', async () => {
    const state = makeMemoryStorage().state('telegram');
    const clock = makeFixedClock();
    const sent = makeSentMessages(state, clock, silentNotice);
    const never = async (): Promise<never> => {
      throw new Error('nothing is posted, and nothing edited');
    };
    const outbound = makeOutbound({
      call: never,
      peers: makePeers(state, clock, () => ({ id: BOT, isBot: true })),
      sent,
      clock,
      posting: { post: never, edit: never, arrived: never },
      onUpdates: () => undefined,
      partIntervalMs: 1_000,
      notice: silentNotice,
    });
    await sent.load();
    await sent.remember('7', { chatId: groupId, messageId: 5, isFinal: false });
    await outbound.showDraft({ chatId: telegramChat(supergroupId), text: 'It grows', deliveryKey: '7' });
    await outbound.withdraw(telegramChat(supergroupId), '7');
  });
});
