/**
 * How long the operator's desk takes with 10,000 promises and 500 chats, beside a small one, in a real browser over the
 * real stores.
 *
 * `npm run bench:desk` takes about two minutes and writes to `RESULTS.md`. KEPT_BENCH_ROUNDS (default 7) sets the size.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { makeDesk } from '../src/application/index.ts';
import { chatIdOf, promiseId } from '../src/domain/index.ts';
import type { Storage } from '../src/ports/index.ts';
import { buildPromise, buildRecord, telegramMessage } from '../src/testing/index.ts';
import { openBrowser } from '../test/support/browser.ts';
import { makeScriptedApi, serve } from '../test/support/http-api.ts';
import { openStorage } from '../test/support/sqlite-storage.ts';
import { circumstances, writeSection } from './results.ts';
import { percentile, table } from './table.ts';

const ROUNDS = Number(process.env.KEPT_BENCH_ROUNDS ?? 7);
const SMALL = { promises: 50, chats: 10 };
const LARGE = { promises: 10_000, chats: 500 };
const MESSAGES_PER_CHAT = 4;
const CHUNK = 500;
/** After the last letter, so long until the page asks. */
const TYPED_MS = 400;

const chatNumber = (n: number) => chatIdOf('telegram', 1_000 + n);

/** Some promises, and each chat, have a word that others don't have. */
const fill = async ({ stores }: Storage, sizes: typeof LARGE): Promise<void> => {
  for (let chat = 0; chat < sizes.chats; chat++)
    for (let n = 0; n < MESSAGES_PER_CHAT; n++) {
      const about = { chatId: chatNumber(chat), messageId: telegramMessage(n + 1), text: `message ${n} of chat ${chat}` };
      await stores.messages.add(buildRecord(about, { receivedAt: Date.now() - chat * 1_000 }));
    }
  for (let from = 0; from < sizes.promises; from += CHUNK)
    await stores.promises.add(
      Array.from({ length: Math.min(CHUNK, sizes.promises - from) }, (_, at) => {
        const id = from + at + 1;
        const description = `count the beans of box ${id}${id % 1_000 === 50 ? ' needle' : ''}`;
        return buildPromise({ id: promiseId(id), description, chatId: chatNumber(id % sizes.chats) });
      }),
    );
};

const open = async (sizes: typeof LARGE) => {
  const directory = await mkdtemp(join(tmpdir(), 'kept-desk-'));
  const storage = await openStorage(join(directory, 'kept.db'));
  await fill(storage, sizes);
  const scripted = makeScriptedApi();
  Object.assign(scripted.api, makeDesk({ stores: storage.stores, policy: { workspaces: [] }, getSteps: async () => [] }));
  const server = await serve(scripted);
  return {
    url: server.url,
    close: async () => {
      await server.close();
      await storage.close();
      await rm(directory, { recursive: true });
    },
  };
};

interface Times {
  readonly paint: number;
  readonly shown: number;
  readonly filtered: number;
}

/** Resolves in the page to the time at which `selector` was there so often (or seldom), in ms since it was opened. */
const whenThere = (selector: string, condition: string): string => `new Promise((resolve) => {
  const look = () => {
    const count = document.querySelectorAll(${JSON.stringify(selector)}).length;
    if (count > 0 && count ${condition}) requestAnimationFrame(() => resolve(performance.now()));
    else setTimeout(look, 1);
  };
  look();
})`;

/** Opens the view, waits for its rows, and types a word that leaves few of them. */
const lookAt = async (page: Page, url: string, { row, word }: { readonly row: string; readonly word: string }): Promise<Times> => {
  await page.goto('about:blank');
  await page.goto(url);
  const shown = Number(await page.evaluate(whenThere(row, '>= 1')));
  const paint = Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN`));
  const before = Number(await page.evaluate(`document.querySelectorAll(${JSON.stringify(row)}).length`));
  const filtered = await page.evaluate(`(() => {
    const field = document.querySelector('[data-testid="filter-text"]');
    const from = performance.now();
    field.value = ${JSON.stringify(word)};
    field.dispatchEvent(new Event('input'));
    return ${whenThere(row, `< ${before}`)}.then((at) => at - from - ${TYPED_MS});
  })()`);
  return { paint, shown, filtered: Number(filtered) };
};

const VIEWS = [
  { name: 'Promises', path: '/#/promises', row: '[data-testid="promise"]', word: 'needle' },
  { name: 'Chats', path: '/#/chats', row: '[data-testid="chat"]', word: `${1_000 + 3}` },
];
const PARTS = [
  ['first paint', 'paint'],
  ['rows are shown', 'shown'],
  ['a word narrows them', 'filtered'],
] as const;

const measure = async (browser: Browser, urls: { readonly small: string; readonly large: string }) => {
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 }, locale: 'en-US' });
  const page = await context.newPage();
  const rows: (readonly (string | number)[])[] = [];
  for (const view of VIEWS) {
    const found: Record<keyof typeof urls, Times[]> = { small: [], large: [] };
    for (let round = 0; round <= ROUNDS; round++)
      for (const size of ['small', 'large'] as const) {
        const times = await lookAt(page, urls[size] + view.path, view);
        if (round > 0) found[size].push(times);
      }
    for (const [words, part] of PARTS) {
      const [small, large] = [found.small, found.large].map((all) => all.map((times) => times[part]));
      const middle = (values: readonly number[] = []) => percentile(values, 50);
      rows.push([`${view.name}: ${words}, ms`, middle(small), middle(large), percentile(large ?? [], 100), middle(large) / middle(small)]);
    }
  }
  await context.close();
  return rows;
};

const [small, large, browser] = await Promise.all([open(SMALL), open(LARGE), openBrowser()]);
try {
  const rows = await measure(browser, { small: small.url, large: large.url });
  const shown = table(['', '50 promises, 10 chats', '10,000 promises, 500 chats', 'its slowest', 'ratio'], rows);
  console.log(shown);
  await writeSection(
    "The operator's desk, with much on it",
    `\`npm run bench:desk\`, ${await circumstances(['fastify', 'playwright-core'])}

${shown}

A real Chromium opens each view anew, on the real server over the stores of SQLite; small and large take turns, ${ROUNDS} rounds
after one that does not count, and the middle ones are shown. Times run from the opening of the page: to the first paint, and
until the first rows are laid out. The last line of each is the time from a typed word to the narrowed list, without the
${TYPED_MS} ms for which the page waits for further letters. Promises are shown 50 at a time, chats 100; a search reads
descriptions, at most 20,000 at a time.`,
  );
} finally {
  await browser.close();
  await small.close();
  await large.close();
}
process.exit(0);
