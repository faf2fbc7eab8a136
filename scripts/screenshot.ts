/**
 * Takes the README's picture of the page: `node scripts/screenshot.ts [file]`, of the real process in a real browser.
 */
import { openBrowser } from '../test/support/browser.ts';
import { chatApi, until } from '../test/support/chat-api.ts';
import { makeSite, startKept } from '../test/support/kept-process.ts';

const path = process.argv[2] ?? 'docs/images/page.png';
const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '60' });
const kept = await startKept(site, 'start');
const browser = await openBrowser();
try {
  const api = chatApi(() => kept.url);
  const page = await browser.newPage({ viewport: { width: 1200, height: 780 }, deviceScaleFactor: 2 });
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
  await page.screenshot({ path });
  console.log(`wrote ${path}`);
} finally {
  await browser.close();
  await kept.stop();
  await site.remove();
}
