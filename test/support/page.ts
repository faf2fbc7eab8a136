import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import type { HttpServerOptions } from '../../src/adapters/http/index.ts';
import { openBrowser } from './browser.ts';
import { makeScriptedApi, serve } from './http-api.ts';

export const byTestId = (id: string): string => `[data-testid="${id}"]`;

interface PageOptions extends Pick<BrowserContextOptions, 'viewport'> {
  readonly scripted?: ReturnType<typeof makeScriptedApi>;
  readonly path?: string;
}

/** A browser for the tests of a suite: `open` shows the page, and what `closers` holds is closed after each test. */
export const usePages = () => {
  let browser: Browser;
  const closers: (() => Promise<unknown>)[] = [];
  before(async () => {
    browser = await openBrowser();
  });
  after(() => browser?.close());
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const open = async (
    options: Partial<HttpServerOptions> = {},
    { scripted = makeScriptedApi(), viewport = { width: 1200, height: 800 }, path = '/' }: PageOptions = {},
  ) => {
    const server = await serve(scripted, options);
    closers.push(server.close);
    const context = await browser.newContext({ viewport });
    closers.push(() => context.close());
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (line) => line.type() === 'error' && complaints.push(line.text()));
    await page.goto(server.url + path);
    return { ...scripted, page, complaints, close: server.close, url: server.url };
  };
  return { open, closers };
};

export const connected = (page: Page) => page.waitForSelector('body[data-connected="true"]');
export const write = async (page: Page, text: string) => {
  await page.fill(byTestId('text'), text);
  await page.press(byTestId('text'), 'Enter');
};
