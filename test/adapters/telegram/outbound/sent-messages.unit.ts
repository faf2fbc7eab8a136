import { expect } from 'chai';
import { makeMemoryStorage } from '../../../../src/adapters/memory/index.ts';
import { systemClock } from '../../../../src/adapters/system/index.ts';
import { makeSentMessages } from '../../../../src/adapters/telegram/outbound/sent-messages.ts';
import { silentNotice } from '../../../../src/ports/index.ts';

const CHAT = 7;

describe('The record of what was sent to Telegram', () => {
  it('keeps the newest of many, here and in storage, and every draft', async () => {
    const state = makeMemoryStorage().state('telegram');
    const open = () => makeSentMessages(state, systemClock, silentNotice);
    const sent = open();
    await sent.load();
    await sent.remember('draft', { chatId: CHAT, messageId: 20_000, isFinal: false });
    for (let id = 1; id <= 10_500; id++) sent.conclude(String(id), CHAT, id);
    await sent.remember('last', { chatId: CHAT, messageId: 20_001, isFinal: true });
    expect((await state.list('sent:')).size).to.be.within(10_000, 10_300);
    const next = open();
    await next.load();
    for (const each of [sent, next]) {
      expect(await each.get('1')).to.equal(undefined);
      expect(each.isOurs(CHAT, 1)).to.equal(false);
      expect(await each.get('10500')).to.include({ messageId: 10_500, isFinal: true });
      expect(each.isOurs(CHAT, 10_500)).to.equal(true);
      expect(await each.get('draft')).to.include({ messageId: 20_000, isFinal: false });
    }
  });
});
