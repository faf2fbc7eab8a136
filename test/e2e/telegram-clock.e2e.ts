import { strict as assert } from 'node:assert';
import { startKept } from '../support/kept-process.ts';
import { ADA, BOT, makeTelegramSite } from '../support/telegram-site.ts';

describe("Kept on a machine whose clock is ten minutes ahead of Telegram's", function () {
  this.timeout(60_000);

  it('calls no answer late, neither to a new message nor to one that came while the bot was away', async () => {
    const behind = () => Math.floor(Date.now() / 1_000) - 11 * 60;
    const site = await makeTelegramSite({}, behind);
    const { world, sent } = site.server;
    try {
      const first = await startKept(site, 'start');
      world.sendMessage({ from: ADA, chat: BOT, text: 'are the tomatoes ripe' });
      const answer = await sent.until(({ chat, text }) => chat === ADA && text.includes('are the tomatoes ripe'));
      await first.stop();
      world.sendMessage({ from: ADA, chat: BOT, text: 'are the apples ripe' });
      const second = await startKept(site, 'start');
      const next = await sent.until(({ chat, text }) => chat === ADA && text.includes('are the apples ripe'));
      for (const { text } of [answer, next]) assert.doesNotMatch(text, /late/);
      await second.stop();
    } finally {
      await site.remove();
    }
  });
});
