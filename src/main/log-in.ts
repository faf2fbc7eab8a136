import { makeRedactor } from '../adapters/redaction/index.ts';
import type { TelegramSelf } from '../adapters/telegram/index.ts';
import { qrCode } from '../adapters/terminal/index.ts';
import type { Config } from '../config/index.ts';
import { commandHint, loginFact } from '../domain/index.ts';
import { BOT_LOCK } from './data-dir.ts';
import { CommandError, print } from './failures.ts';
import { codeQuestion, passwordQuestion } from './login-questions.ts';
import { hasColor } from './output.ts';
import type { Prompt } from './prompt.ts';

/** By the code that Telegram sends to that telephone number, or by a QR code that an app scans. */
export type LoginWay = { readonly phone: string } | 'qr';

/** Signs a person's account in, and keeps its session in the data directory. Rejects with PortError. */
export const logIn = async (config: Config, way: LoginWay, prompt: Prompt): Promise<TelegramSelf> => {
  const { telegram } = config;
  if (!telegram) throw new CommandError('Telegram is not configured');
  const [
    { loginByQr, loginUser },
    { telegramSettings },
    { makeAppContext },
    { TOKENS },
    { makePinoLogger },
    { acquireProcessLock, isLockHeld },
    { openDataDir },
  ] = await Promise.all([
    import('../adapters/telegram/index.ts'),
    import('./modules/telegram.ts'),
    import('./container.ts'),
    import('./tokens.ts'),
    import('../adapters/pino/index.ts'),
    import('../adapters/system/index.ts'),
    import('./open-data-dir.ts'),
  ]);
  openDataDir(config.dataDir);
  // Telegram revokes a session that has two connections.
  const lock = await acquireProcessLock(config.dataDir, BOT_LOCK).catch((error: unknown) => {
    throw isLockHeld(error) ? new CommandError(`Kept is running (PID ${error.pid}): stop it with ${commandHint('stop')} first`) : error;
  });
  const log = makePinoLogger({ level: 'warn', terminal: 'none', redact: makeRedactor(config.secrets) });
  const root = makeAppContext(config, log.logger);
  try {
    const { state, stores } = await root.get(TOKENS.storage);
    const clock = await root.get(TOKENS.clock);
    const account = {
      settings: telegramSettings(telegram),
      state: state('telegram'),
      clock,
      randomness: await root.get(TOKENS.randomness),
      events: await root.get(TOKENS.events),
    };
    const askPassword = (question: Parameters<typeof passwordQuestion>[0]): Promise<string> =>
      prompt.ask(passwordQuestion(question), { secret: true });
    const askCode = (question: Parameters<typeof codeQuestion>[0]): Promise<string> => prompt.ask(codeQuestion(question), { secret: true });
    const signIn =
      way === 'qr'
        ? loginByQr({ ...account, askPassword, showCode: makeShowCode() })
        : loginUser({ ...account, phone: way.phone, askCode, askPassword });
    const self = await prompt.unlessInterrupted(signIn);
    await stores.audit.add([loginFact('telegram', { outcome: 'accepted', account: String(self.id) }, clock.now())]);
    return self;
  } finally {
    await root.lifecycle.stop();
    await log.close();
    await lock.release();
  }
};

export const accountName = ({ id, username }: TelegramSelf): string => (username === undefined ? String(id) : `@${username}`);

const HOW = `Open Telegram on your phone, then Settings, Devices, Link Desktop Device, and point it at this code.
It is replaced twice a minute by a new one.`;

/** Shows each code in the place of the one before, where the terminal lets it. */
const makeShowCode = (): ((link: string) => Promise<void>) => {
  const replaces = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
  let lines = 0;
  return async (link) => {
    const code = await qrCode(link, { color: hasColor() });
    if (lines === 0) print(HOW);
    else if (replaces) process.stdout.write(`\x1b[${lines}A\x1b[J`);
    print(code);
    lines = code.split('\n').length;
  };
};
