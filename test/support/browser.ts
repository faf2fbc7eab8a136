import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { bundledChromium } from './bundled-chromium.ts';
import { needs } from './needs.ts';
import { assertRoom } from './own-directory.ts';

/** Where Chrome or Chromium stands on systems that the bundled one is not built for. */
const INSTALLED = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
];

/**
 * Meant for scraping in a function: one process dies with its first closed page, and web security is part of what the
 * tests look at.
 */
const UNWANTED = ['--single-process', '--no-zygote', '--disable-web-security', '--allow-running-insecure-content'];

/** Chromium refuses to run its sandbox as root. */
const AS_ROOT = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

const named = async (executablePath: string): Promise<LaunchOptions> => {
  try {
    await promisify(execFile)(executablePath, ['--version']);
  } catch (error) {
    const { code } = error as { readonly code?: unknown };
    throw new Error(`KEPT_TEST_CHROMIUM is ${executablePath}, which can't be run (${code}): name Chrome or Chromium there.`);
  }
  return { executablePath, args: AS_ROOT };
};

/** For the profiles of its windows. */
const ROOM_MB = 50;

const find = async (): Promise<LaunchOptions> => {
  assertRoom(ROOM_MB);
  const { KEPT_TEST_CHROMIUM } = process.env;
  if (KEPT_TEST_CHROMIUM) return named(KEPT_TEST_CHROMIUM);
  if (process.platform === 'linux' && process.arch === 'x64') {
    const { executablePath, env } = await bundledChromium();
    const args = [...sparticuz.args.filter((argument) => !UNWANTED.includes(argument)), '--disable-background-networking'];
    return { executablePath, args, env: { ...process.env, ...env } as Record<string, string> };
  }
  const executablePath = INSTALLED.find(existsSync);
  if (!executablePath) throw new Error('The tests of the page need Chrome or Chromium: install one, or name it in KEPT_TEST_CHROMIUM.');
  return { executablePath, args: AS_ROOT };
};

let found: Promise<LaunchOptions> | undefined;

/**
 * A browser that can be run here: the one that `KEPT_TEST_CHROMIUM` names, else the bundled one, else an installed one.
 * Rejects with one sentence.
 */
export const findBrowser = (): Promise<LaunchOptions> => {
  found ??= find();
  return found;
};

needs(findBrowser);

/** A headless Chromium. The caller closes it. */
export const openBrowser = async (): Promise<Browser> => chromium.launch({ ...(await findBrowser()), headless: true });
