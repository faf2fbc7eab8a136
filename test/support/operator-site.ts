import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { chatApi, until } from './chat-api.ts';
import { type KeptProcess, startKept } from './kept-process.ts';
import { OWN } from './mcp-servers.ts';
import { byTestId, connected } from './page.ts';
import { ADA, BOT, makeTelegramSite, STRANGER, type TelegramSite } from './telegram-site.ts';

export interface OperatorSite {
  readonly site: TelegramSite;
  readonly bot: () => KeptProcess;
  readonly worker: KeptProcess;
  readonly api: ReturnType<typeof chatApi>;
  /** Starts another process of this installation. */
  readonly start: (role: 'bot' | 'worker') => Promise<KeptProcess>;
  /** A person writes to the bot on Telegram. */
  readonly write: (from: number, text: string) => void;
  /** Stops the bot and starts it anew: what it has measured is stored then. */
  readonly restartBot: () => Promise<void>;
  readonly open: (path: string, options?: BrowserContextOptions) => Promise<{ readonly page: Page; readonly complaints: string[] }>;
  readonly close: () => Promise<void>;
}

/**
 * An installation as it stands after some work, all of it done by the product: a bot and a worker, a person who was
 * answered, a stranger who was not let in, a promise that was kept, and a call that waits for a yes.
 */
export const makeOperatorSite = async (env: NodeJS.ProcessEnv = {}): Promise<OperatorSite> => {
  const site = await makeTelegramSite({ KEPT_MODELS: 'rehearsal', ...env });
  writeFileSync(
    join(site.root, '.mcp.json'),
    JSON.stringify({ mcpServers: { notes: { command: process.execPath, args: [OWN, 'steady', join(site.root, 'notes')] } } }),
    { mode: 0o600 },
  );
  writeFileSync(join(site.root, 'alerts.json'), '{"rules": {"queue.worker": {"for": "0s", "cooldown": "0s"}}}');
  const running: KeptProcess[] = [];
  const start = async (role: 'bot' | 'worker'): Promise<KeptProcess> => {
    const kept = await startKept(site, role);
    running.push(kept);
    return kept;
  };
  let bot = await start('bot');
  const worker = await start('worker');
  const api = chatApi(() => bot.url);
  const write = (from: number, text: string): void => void site.server.world.sendMessage({ from, chat: BOT, text });

  write(STRANGER, 'Let me in, please');
  write(ADA, 'Hello, how are you?');
  await site.server.sent.until(({ chat }) => chat === ADA);
  await api.post('in the background, count the TODO comments in this project', 1);
  await until('a kept promise', async () => (await api.promises()).some(({ deliveredAt }) => deliveredAt !== undefined));
  await api.post('use mcp__notes__echo {"title": "The roof leaks"}', 2);
  await until('a call that waits', async () => {
    const { approvals } = await api.get<{ approvals: readonly unknown[] }>('/api/v1/approvals?status=asked');
    return approvals.length > 0;
  });

  let browser: Browser | undefined;
  return {
    site,
    bot: () => bot,
    worker,
    api,
    start,
    write,
    restartBot: async () => {
      await bot.stop();
      bot = await start('bot');
    },
    open: async (path, options = {}) => {
      browser ??= await openBrowser();
      const context = await browser.newContext({ viewport: { width: 1_200, height: 800 }, locale: 'en-US', ...options });
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
      await page.goto(`${bot.url}/${path}`);
      await connected(page);
      await page.locator(byTestId('panel-words')).getByText('Loading').waitFor({ state: 'hidden' });
      return { page, complaints };
    },
    close: async () => {
      await browser?.close();
      await Promise.all(running.map((kept) => kept.stop()));
      await site.remove();
    },
  };
};
