import { existsSync } from 'node:fs';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Where Chrome or Chromium stands on systems that the bundled one is not built for. */
const INSTALLED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
];

/** Meant for scraping in a function: one process dies with its first closed page, and web security is part of what the tests look at. */
const UNWANTED = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content'];

/** A headless Chromium: the one that `KEPT_TEST_CHROMIUM` names, else the bundled one, else an installed one. The caller closes it. */
export const openBrowser = async (): Promise<Browser> => {
  const named = process.env.KEPT_TEST_CHROMIUM;
  if (!named && process.platform === 'linux' && process.arch === 'x64')
    return chromium.launch({
      executablePath: await sparticuz.executablePath(),
      args: [...sparticuz.args.filter((argument) => !UNWANTED.includes(argument)), '--disable-background-networking'],
      headless: true,
    });
  const executablePath = named ?? INSTALLED.find(existsSync);
  if (!executablePath) throw new Error('the tests of the page need Chrome or Chromium: install one, or name it in KEPT_TEST_CHROMIUM');
  return chromium.launch({ executablePath, headless: true });
};
