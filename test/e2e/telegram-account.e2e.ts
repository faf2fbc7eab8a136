import { strict as assert } from 'node:assert';
import { startKept } from '../support/kept-process.ts';
import { ADA, BOT, makeTelegramSite } from '../support/telegram-site.ts';

const OTHER = BOT + 1;
const OTHER_TOKEN = `${OTHER}:${'o'.repeat(35)}`;

/**
 * Invariant 1: Telegram numbers messages for each account by itself. Those of one account must not count as repeats of
 * another's.
 */
describe('Kept as another account of Telegram', function () {
  this.timeout(60_000);

  it('refuses data of another account at the start, and says why; the first account goes on with it', async () => {
    const site = await makeTelegramSite();
    const { world, sent } = site.server;
    world.addUser({ id: OTHER, username: 'second_bot', isBot: true, token: OTHER_TOKEN });
    try {
      const first = await startKept(site, 'start');
      world.sendMessage({ from: ADA, chat: BOT, text: 'hello' });
      await sent.until(({ chat }) => chat === ADA);
      await first.stop();
      const answers = sent.items.length;

      const other = await startKept({ ...site, env: { ...site.env, TELEGRAM_BOT_TOKEN: OTHER_TOKEN } }, 'start');
      world.sendMessage({ from: ADA, chat: OTHER, text: 'hello, other' });
      assert.match(other.started.telegram ?? '', new RegExp(`belongs to the Telegram account ${BOT}, .* is ${OTHER}: .*KEPT_DATA_DIR`));
      await other.stop();
      assert.equal(sent.items.length, answers);

      const again = await startKept(site, 'start');
      world.sendMessage({ from: ADA, chat: BOT, text: 'are the tomatoes ripe' });
      await sent.until(({ chat, text }) => chat === ADA && text.includes('are the tomatoes ripe'));
      await again.stop();
    } finally {
      await site.remove();
    }
  });
});
