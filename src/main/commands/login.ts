import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import type { ConfigProblem } from '../../config/index.ts';
import { commandHint, describe, InvalidValueError, loginFact } from '../../domain/index.ts';
import { PortError } from '../../ports/index.ts';
import { BOT_LOCK } from '../data-dir.ts';
import { argument } from './arguments.ts';
import { codeQuestion, passwordQuestion } from './login-questions.ts';
import { CommandError, ConfigError, loadConfigOrThrow, print } from './outcome.ts';

export const addLogin = (program: Command): void => {
  program
    .command('login')
    .description("sign in with a person's Telegram account (a bot signs in by itself); the session is stored in the data directory")
    .requiredOption('--phone <number>', 'in international form, such as +49 170 1234567', argument(phoneOf))
    .action(async ({ phone }: { phone: string }) => {
      const config = loadConfigOrThrow();
      const { telegram } = config;
      if (!telegram) throw new ConfigError([NO_APPLICATION]);
      if (telegram.botToken !== undefined)
        throw new CommandError('TELEGRAM_BOT_TOKEN is set: a bot signs in by itself, so there is nothing to do');
      const [
        { loginUser },
        { telegramSettings },
        { makeAppContext: makeRoot },
        { TOKENS },
        { makePinoLogger },
        { acquireProcessLock, isLockHeld },
        { openDataDir },
      ] = await Promise.all([
        import('../../adapters/telegram/index.ts'),
        import('../modules/telegram.ts'),
        import('../container.ts'),
        import('../tokens.ts'),
        import('../../adapters/pino/index.ts'),
        import('../../adapters/system/index.ts'),
        import('../open-data-dir.ts'),
      ]);
      openDataDir(config.dataDir);
      // Telegram revokes a session that has two connections.
      const lock = await acquireProcessLock(config.dataDir, BOT_LOCK).catch((error: unknown) => {
        throw isLockHeld(error) ? new CommandError(`Kept is running (PID ${error.pid}): stop it with ${commandHint('stop')} first`) : error;
      });
      const log = makePinoLogger({ level: 'warn', terminal: 'none', redact: makeRedactor(config.secrets) });
      const root = makeRoot(config, log.logger);
      const prompt = makePrompt();
      try {
        const { state, stores } = await root.get(TOKENS.storage);
        const clock = await root.get(TOKENS.clock);
        const self = await loginUser({
          settings: telegramSettings(telegram),
          state: state('telegram'),
          clock,
          randomness: await root.get(TOKENS.randomness),
          events: await root.get(TOKENS.events),
          phone,
          askCode: (question) => prompt.ask(codeQuestion(question)),
          askPassword: (question) => prompt.ask(passwordQuestion(question)),
        });
        await stores.audit.add([loginFact('telegram', { outcome: 'accepted', account: String(self.id) }, clock.now())]);
        print(`Signed in as ${self.username === undefined ? self.id : `@${self.username}`}. Start with ${commandHint('start')}.`);
      } finally {
        prompt.close();
        await root.lifecycle.stop();
        await log.close();
        await lock.release();
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

/** Asks questions at the terminal. Does not echo the answers. */
const makePrompt = () => {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: process.stdin.isTTY === true });
  return {
    /** Rejects with PortError `aborted` at the end of the input. */
    ask: async (question: string): Promise<string> => {
      process.stdout.write(question);
      try {
        return await terminal.question('');
      } catch (cause) {
        throw new PortError('aborted', `nobody typed an answer: run ${commandHint('login')} in a terminal`, { retryable: true, cause });
      } finally {
        process.stdout.write('\n');
      }
    },
    close: () => terminal.close(),
  };
};
