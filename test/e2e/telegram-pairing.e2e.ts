import { strict as assert } from 'node:assert';
import { readFileSync, writeFileSync } from 'node:fs';
import { startKept } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';
import { BOT, GRACE, makeTelegramSite, STRANGER, type TelegramSite } from '../support/telegram-site.ts';

describe('Pairing on Telegram', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  beforeEach(async () => {
    site = await makeTelegramSite({ KEPT_MODELS: 'rehearsal' });
    const path = site.env.KEPT_CONFIG as string;
    const config = JSON.parse(readFileSync(path, 'utf8'));
    config.people = { [`telegram:${GRACE}`]: { name: 'Grace', role: 'owner' } };
    config.dm_whitelist.pairing = true;
    writeFileSync(path, JSON.stringify(config));
  });
  afterEach(() => site.remove());

  it('offers a stranger to the owner, who lets them in and shuts them out while the bot runs; the stranger hears no word of it', async () => {
    const { server } = site;
    const { world, sent } = server;
    const kept = await startKept(site, 'start');
    try {
      const ask = (from: number, text: string): number => world.messageId(world.sendMessage({ from, chat: BOT, text }), BOT);
      const isAnswered = (chat: number, id: number) => sent.until((each) => each.chat === chat && each.replyTo === id);
      await isAnswered(GRACE, ask(GRACE, 'ping'));

      ask(STRANGER, 'hello?');
      const { message } = await sent.until((each) => each.chat === GRACE && /pairing approve/.test(each.message.text));
      const [, code = ''] = /pairing approve ([2-9A-HJ-NP-Z]{8})/.exec(message.text) ?? [];
      assert.match(message.text, new RegExp(`telegram:${STRANGER}`));
      assert.doesNotMatch(message.text, /hello/);

      assert.equal((await runKept(site, ['pairing', 'approve', code])).code, 0);
      const heard = ask(STRANGER, 'ping');
      await isAnswered(STRANGER, heard);
      // Tools and promises let them in as well.
      const asked = ask(STRANGER, 'in the background, count the TODO comments');
      await isAnswered(STRANGER, asked);
      await sent.until(({ chat, message: { text } }) => chat === STRANGER && /Promise #1 is kept/.test(text));

      assert.equal((await runKept(site, ['pairing', 'revoke', `telegram:${STRANGER}`])).code, 0);
      ask(STRANGER, 'ping');
      await isAnswered(GRACE, ask(GRACE, 'ping'));
      assert.deepEqual(
        sent.items.filter(({ chat }) => chat === STRANGER).map(({ replyTo }) => replyTo),
        [heard, asked, asked],
      );
    } finally {
      await kept.stop();
    }
    server.assertClean();
  });
});
