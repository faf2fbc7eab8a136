import { strict as assert } from 'node:assert';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { ADA, BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

/** The board is looked at once a minute, by the clock of the process. */
const EDIT_MS = 90_000;

describe('The pinned status in the chat of an operator', function () {
  this.timeout(180_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  before(async () => {
    site = await makeTelegramSite({ TELEGRAM_OPERATOR_CHAT: `${ADA}` });
    site.server.world.sendMessage({ from: ADA, chat: BOT, text: 'hello' });
    kept = await startKept(site, 'start');
  });
  after(async () => {
    await kept?.stop();
    await site?.remove();
  });

  it('is sent and pinned once, also through a kill, and edited while the bot runs', async () => {
    const { world, sent, calls, edits } = site.server;
    const pins = () => calls.items.filter(({ method, outcome }) => method === 'messages.updatePinnedMessage' && outcome === 'ok').length;
    const asked = world.messageId(world.sendMessage({ from: ADA, chat: BOT, text: '/status' }), BOT);
    const reply = await sent.until(({ chat, replyTo }) => chat === ADA && replyTo === asked);
    assert.match(reply.text, /^Kept is .*\nA message of its own, pinned where I may, keeps this up to date here\.$/);
    const board = await sent.until(({ text }) => /^Kept is .*\n\nAs of .* UTC; it is looked at once a minute\.$/s.test(text));
    await calls.until(({ method, outcome }) => method === 'messages.updatePinnedMessage' && outcome === 'ok');
    await kept.kill();
    kept = await startKept(site, 'start');
    await edits.until(({ id }) => id === board.id, EDIT_MS);
    assert.equal(sent.items.filter(({ text }) => text.includes('As of ')).length, 1);
    assert.equal(pins(), 1);
    site.server.assertClean();
  });
});
