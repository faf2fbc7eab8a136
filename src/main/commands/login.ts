import type { Command } from 'commander';
import type { ConfigProblem } from '../../config/index.ts';
import { commandHint, describe, InvalidValueError } from '../../domain/index.ts';
import { isPortError, PortError } from '../../ports/index.ts';
import { CommandError, ConfigError, print, UsageError } from '../failures.ts';
import { makePrompt } from '../prompt.ts';
import { argument } from './arguments.ts';
import { loadConfigOrThrow } from './outcome.ts';

export const addLogin = (program: Command): void => {
  program
    .command('login')
    .description("sign in with a person's Telegram account (a bot signs in by itself); the session is stored in the data directory")
    .option('--phone <number>', 'by a code that Telegram sends; in international form, such as +49 170 1234567', argument(phoneOf))
    .option('--qr', 'by a QR code that you scan with Telegram on your phone')
    .action(async ({ phone, qr }: { phone?: string; qr?: true }) => {
      const way = qr ? 'qr' : phone === undefined ? undefined : { phone };
      if (way === undefined || (qr && phone !== undefined)) throw new UsageError('give one of --qr and --phone <number>', 'usage/one-way');
      const config = loadConfigOrThrow();
      const { telegram } = config;
      if (!telegram) throw new ConfigError([NO_APPLICATION]);
      if (telegram.botToken !== undefined)
        throw new CommandError('TELEGRAM_BOT_TOKEN is set: a bot signs in by itself, so there is nothing to do');
      const { accountName, logIn } = await import('../log-in.ts');
      const prompt = makePrompt();
      try {
        const self = await logIn(config, way, prompt);
        print(`Signed in as ${accountName(self)}. Start with ${commandHint('start')}.`);
      } catch (error) {
        throw isPortError(error) && error.code === 'aborted'
          ? new PortError('aborted', `nobody typed an answer: run ${commandHint('login')} in a terminal`, { retryable: true, cause: error })
          : error;
      } finally {
        prompt.close();
      }
      process.exit();
    });
};

const NO_APPLICATION: ConfigProblem = {
  place: 'TELEGRAM_API_ID',
  problem: 'and TELEGRAM_API_HASH are not set: without them nobody can sign in',
  hint: 'copy both from https://my.telegram.org',
  severity: 'error',
};

/** A phone number as people write it: spaces, dashes, dots and brackets are ignored. */
const phoneOf = (text: string): string => {
  const digits = text.replace(/[\s().-]/g, '');
  if (!/^\+?[1-9]\d{6,14}$/.test(digits))
    throw new InvalidValueError(`${describe(text)} is not a phone number in international form: write +49 170 1234567`);
  return digits;
};
