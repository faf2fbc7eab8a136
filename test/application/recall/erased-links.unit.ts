import { expect } from 'chai';
import { describe, it } from 'mocha';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeEraseMessages } from '../../../src/application/inbox/erase-messages.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import { buildLink, buildRecord, makeFixedClock, telegramChat, telegramMessage } from '../../../src/testing/index.ts';

describe('A part of an album that is deleted', () => {
  it('takes its own link along, and leaves that of another part', async () => {
    const { stores, unitOfWork } = makeMemoryStorage();
    const parts = [1, 2].map((n) => ({ messageId: telegramMessage(n), text: `https://kept.example/${n}` }));
    await stores.messages.add(buildRecord({ text: parts.map(({ text }) => text).join('\n'), parts }));
    await stores.links.save(parts.map(({ text }) => buildLink(text)));
    const turns = { restart: () => undefined };
    const presence = { withdraw: () => undefined };
    const erase = makeEraseMessages({ unitOfWork, clock: makeFixedClock(), events: silentEvents, turns, presence });
    await erase({ chat: telegramChat(501), messageIds: [telegramMessage(2)] });
    const left = await stores.links.find({ tenant: 'telegram:501', limit: 9 });
    expect(left.map(({ key }) => key)).to.deep.equal(['kept.example/1']);
  });
});

describe('A deleted message', () => {
  it('takes the links that it brought along, and no others', async () => {
    const { stores, unitOfWork } = makeMemoryStorage();
    await stores.messages.add(buildRecord({ text: 'https://kept.example/a' }));
    await stores.links.save([buildLink('https://kept.example/a'), buildLink('https://kept.example/b', { messageId: telegramMessage(2) })]);
    const turns = { restart: () => undefined };
    const presence = { withdraw: () => undefined };
    const erase = makeEraseMessages({ unitOfWork, clock: makeFixedClock(), events: silentEvents, turns, presence });
    await erase({ chat: telegramChat(501), messageIds: [telegramMessage(1)] });
    const left = await stores.links.find({ tenant: 'telegram:501', limit: 9 });
    expect(left.map(({ key }) => key)).to.deep.equal(['kept.example/b']);
  });
});
