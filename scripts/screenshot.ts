/**
 * Takes the pictures of the page for README and docs: `node scripts/screenshot.ts [folder]`, of the real process in a
 * real browser.
 */
import { join } from 'node:path';
import { openBrowser } from '../test/support/browser.ts';
import { chatApi, until } from '../test/support/chat-api.ts';
import { makeSite, startKept } from '../test/support/kept-process.ts';

const folder = process.argv[2] ?? 'docs/images';
const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '60' });
const kept = await startKept(site, 'start');
const browser = await openBrowser();
try {
  const api = chatApi(() => kept.url);
  const page = await browser.newPage({
    viewport: { width: 1200, height: 780 },
    deviceScaleFactor: 2,
    locale: 'en-US',
    colorScheme: 'light',
  });
  await page.goto(kept.url);
  const say = async (text: string): Promise<void> => {
    await page.getByTestId('text').fill(text);
    await page.getByTestId('send').click();
  };
  const settled = (count: number) =>
    until(
      `${count} promises delivered`,
      async () => (await api.promises()).filter(({ deliveredAt }) => deliveredAt !== undefined).length >= count,
    );
  await say('read docs/page.html');
  await page.getByTestId('message-agent').first().waitFor();
  await say('in the background, count the TODO comments in this project');
  await settled(1);
  await say('search for export in src in the background');
  await page.getByTestId('draft').waitFor();
  await page.waitForSelector('[data-promise-id="2"]');
  const shoot = async (name: string): Promise<void> => {
    const path = join(folder, `${name}.png`);
    await page.screenshot({ path });
    console.log(`wrote ${path}`);
  };
  await shoot('page');
  await settled(2);
  await page.goto(`${kept.url}/#/promises`);
  await page.locator('.view-promises [data-promise-id="2"][data-status="completed"]').waitFor();
  await shoot('desk-light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await page.goto(`${kept.url}/#/promises/1`);
  await page.getByTestId('step').first().waitFor();
  await shoot('desk-dark');
  await page.setViewportSize({ width: 390, height: 780 });
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(`${kept.url}/#/chats`);
  await page.getByTestId('chat').first().waitFor();
  await shoot('desk-phone');
} finally {
  await browser.close();
  await kept.stop();
  await site.remove();
}
