import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { KEPT, type KeptProcess, startKept } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { ADA, DEV_GROUP, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

const NEW = 1_500_009_001;
const NEW_GROUP = -1_000_000_000_000 - NEW;

/** What a command prints, whatever its exit code. */
const printed = async ({ root, env }: TelegramSite, ...args: readonly string[]): Promise<string> => {
  const run = promisify(execFile)(process.execPath, [KEPT, ...args], { cwd: root, env });
  const { stdout } = await run.catch((error: { readonly stdout: string }) => error);
  return stdout;
};

const live = async (env: NodeJS.ProcessEnv): Promise<void> => {
  const site = await makeTelegramSite(env);
  const { world, sent, faults } = site.server;
  const running = new Set<KeptProcess>();
  const start = async (role: 'start' | 'bot' | 'worker'): Promise<KeptProcess> => {
    const kept = await startKept(site, role);
    running.add(kept);
    return kept;
  };
  try {
    const first = await start('bot');
    world.sendMessage({ from: ADA, chat: DEV_GROUP, text: 'in the background, count the TODO comments in this project' });
    await sent.until(({ chat, text }) => chat === DEV_GROUP && /^Promise #\d+:/.test(text));
    // An answer that arrives, without Kept learning of it.
    faults.cutAfter('messages.sendMessage');
    world.sendMessage({ from: ADA, chat: DEV_GROUP, text: 'are the tomatoes ripe' });
    await sent.until(({ chat, text }) => chat === DEV_GROUP && text.includes('are the tomatoes ripe'));
    await first.kill();

    world.migrate(DEV_GROUP, { id: NEW });
    world.sendMessage({ from: ADA, chat: NEW_GROUP, text: 'and here, are the apples ripe' });
    const second = await start('bot');
    await sent.until(({ chat, text }) => chat === NEW_GROUP && text.includes('are the apples ripe'));
    await start('worker');
    const result = await sent.until(({ chat, text }) => chat === NEW_GROUP && /^Promise #\d+ is kept/.test(text));
    assert.match(result.text, /\b3\b/);
    assert.equal(result.replyTo, undefined);

    const looks = [['health'], ['status'], ['config', 'check']];
    for (const words of await Promise.all(looks.map((look) => printed(site, ...look))))
      for (const part of [`${DEV_GROUP}`, `${NEW_GROUP}`, 'Acme Dev', 'workspace_config.json'])
        assert.ok(words.includes(part), `${part} in ${words}`);
    await second.kill();

    await start('bot');
    world.sendMessage({ from: ADA, chat: NEW_GROUP, text: '/promises' });
    await sent.until(({ chat, text }) => chat === NEW_GROUP && /#1\b/.test(text) && !/^Promise #1/.test(text));
    assert.equal(sent.items.filter(({ text }) => text.includes('are the tomatoes ripe')).length, 1);
    assert.equal(sent.items.filter(({ text }) => /^Promise #\d+ is kept/.test(text)).length, 1);
    site.server.assertClean();
  } finally {
    for (const kept of running) await kept.stop();
    await site.remove();
  }
};

describe('A group that becomes a supergroup while the bot is down', function () {
  this.timeout(90_000);

  it('keeps its promises and gets its answers once in the supergroup, on SQLite and on PostgreSQL', async () => {
    const { url, drop } = await freshDatabase();
    try {
      await Promise.all([live({}), live({ DATABASE_URL: url })]);
    } finally {
      await drop();
    }
  });
});
