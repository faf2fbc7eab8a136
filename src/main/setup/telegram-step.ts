import type { BotSetup } from '../../adapters/telegram/index.ts';
import type { Config, VariableName } from '../../config/index.ts';
import { isPortError, reasonOf } from '../../ports/index.ts';
import { accountName, type LoginWay, logIn } from '../log-in.ts';
import { type InitFlags, mayReplace, type Setup, StepFailed, untilItWorks, write } from './setup.ts';

type Variables = Partial<Record<VariableName, string>>;

const APPLICATION = `Telegram lets programs in by an application of yours. Open https://my.telegram.org, choose “API development
tools”, and copy api_id and api_hash.`;
const NEW_BOT = 'A bot is made by @BotFather: send it /newbot, and copy the token that it shows.';

/** Whether flags say something of Telegram. */
export const telegramIn = ({ telegram, telegramToken, apiId, apiHash }: InitFlags): InitFlags['telegram'] =>
  telegram ?? (telegramToken !== undefined ? 'bot' : apiId !== undefined || apiHash !== undefined ? 'bot' : undefined);

/** How the configuration is on Telegram; undefined where it is not, or not whole. */
export const telegramOf = ({ files }: Pick<Setup, 'files'>): 'bot' | 'account' | undefined => {
  const { telegram } = files.config();
  return telegram && (telegram.botToken === undefined ? 'account' : 'bot');
};

/** Opens the bot of a configuration for the set-up, in a session of its own. Rejects with PortError. */
export const openBot = async ({ telegram }: Config): Promise<BotSetup | undefined> => {
  const token = telegram?.botToken;
  if (!telegram || token === undefined) return undefined;
  const [{ openBotSetup }, { telegramSettings }, { makeMemoryStorage }, { systemClock, systemRandomness }, { silentEvents }] =
    await Promise.all([
      import('../../adapters/telegram/index.ts'),
      import('../modules/telegram.ts'),
      import('../../adapters/memory/index.ts'),
      import('../../adapters/system/index.ts'),
      import('../../ports/index.ts'),
    ]);
  try {
    return await openBotSetup({
      token,
      settings: telegramSettings(telegram),
      // What a running bot has stored is not touched.
      state: makeMemoryStorage().state('telegram'),
      clock: systemClock,
      randomness: systemRandomness,
      events: silentEvents,
    });
  } catch (error) {
    if (!isPortError(error)) throw error;
    const fix = {
      unauthorised: 'correct what it names',
      'rate-limited': 'run it again after that time: what was written stands',
      unavailable: 'is this machine on the network? Where Telegram is blocked, set TELEGRAM_PROXY',
      timeout: 'is this machine on the network? Where Telegram is blocked, set TELEGRAM_PROXY',
    };
    const words =
      (fix as Readonly<Record<string, string | undefined>>)[error.code] ?? 'see TELEGRAM_BOT_TOKEN, TELEGRAM_API_ID, TELEGRAM_API_HASH';
    throw new StepFailed(reasonOf(error), words, `init/telegram-${error.code}`);
  }
};

/** Telegram, as a bot or as a person's account: whichever it is, it was signed in once. */
export const telegramStep = async (setup: Setup, keepBot: (bot: BotSetup) => void): Promise<void> => {
  const { flags, person, tell } = setup;
  const before = telegramOf(setup);
  const named = telegramIn(flags);
  if (named === 'none') return tell('telegram', before === undefined ? 'left out' : 'kept as it is');
  if (before !== undefined && named === undefined) return tell('telegram', `kept (${before === 'bot' ? 'a bot' : "a person's account"})`);
  const way = named ?? (await askWay(setup));
  if (way === 'none') return tell('telegram', 'left out: terminal and page work without it');
  if (way === 'bot') return botStep(setup, keepBot);
  if (!person) throw new StepFailed("a person's account is signed in by a person", 'run it in a terminal', 'init/no-terminal');
  return accountStep(setup, way === 'account' ? await askLogin(setup) : way);
};

type Way = 'bot' | 'account' | 'none' | LoginWay;

const askWay = async ({ person }: Setup): Promise<Way> =>
  (await person?.choose<Way>('How is it on Telegram?', [
    { label: 'as a bot', value: 'bot' },
    { label: "as a person's account, signed in by a QR code", value: 'qr' },
    { label: "as a person's account, signed in by its telephone number", value: 'account' },
    { label: 'not at all: terminal and page alone', value: 'none' },
  ])) ?? 'none';

const askLogin = async ({ person }: Setup): Promise<LoginWay> => {
  const phone = (await person?.ask('Telephone number in international form (Enter alone for a QR code): ')) ?? '';
  return phone === '' ? 'qr' : { phone };
};

/** The application that both ways need. */
const applicationOf = async ({ files, flags, person, say }: Setup, isFirst: boolean): Promise<Variables> => {
  let [apiId, apiHash] = [flags.apiId ?? files.current('TELEGRAM_API_ID'), flags.apiHash ?? files.current('TELEGRAM_API_HASH')];
  if (person && (!isFirst || apiId === undefined || apiHash === undefined)) {
    say(APPLICATION);
    apiId = (await person.ask(`api_id${apiId === undefined ? '' : ` [${apiId}]`}: `)) || apiId;
    apiHash =
      (await person.ask(`api_hash (nothing is shown${apiHash === undefined ? '' : '; Enter alone for the one before'}): `, {
        secret: true,
      })) || apiHash;
  }
  return { ...(apiId ? { TELEGRAM_API_ID: apiId } : {}), ...(apiHash ? { TELEGRAM_API_HASH: apiHash } : {}) };
};

const botStep = async (setup: Setup, keepBot: (bot: BotSetup) => void): Promise<void> => {
  const { files, flags, person, say, tell } = setup;
  let isFirst = true;
  const opened = await untilItWorks(setup, async () => {
    const application = await applicationOf(setup, isFirst);
    let token = flags.telegramToken ?? files.current('TELEGRAM_BOT_TOKEN');
    if (person && (!isFirst || token === undefined)) {
      say(NEW_BOT);
      token = (await person.ask('Token of the bot (nothing is shown): ', { secret: true })) || token;
    }
    isFirst = false;
    if (token === undefined) throw new StepFailed('there is no token', 'give it with --telegram-token', 'init/no-token');
    const variables: Variables = { ...application, TELEGRAM_BOT_TOKEN: token };
    const bot = await openBot(files.preview({ variables }));
    if (!bot) throw new StepFailed('Telegram is not whole', 'give --api-id and --api-hash, too', 'init/no-application');
    return { bot, variables };
  });
  if (!opened) return tell('telegram', 'left out');
  const before = files.current('TELEGRAM_BOT_TOKEN');
  const replaces = before !== undefined && before !== opened.variables.TELEGRAM_BOT_TOKEN;
  if (replaces && !(await mayReplace(setup, 'TELEGRAM_BOT_TOKEN'))) {
    await opened.bot.close();
    return tell('telegram', 'kept (the bot as it was)');
  }
  const { username, id, privacyMode } = opened.bot.self;
  tell('telegram', `@${username ?? id} is signed in${privacyMode ? '; in groups it sees what is meant for it (privacy mode)' : ''}`);
  write(setup, { variables: opened.variables });
  keepBot(opened.bot);
};

const accountStep = async (setup: Setup, way: LoginWay): Promise<void> => {
  const { files, person, tell } = setup;
  if (!person) return;
  let isFirst = true;
  const self = await untilItWorks(setup, async () => {
    const variables = await applicationOf(setup, isFirst);
    isFirst = false;
    const config = files.preview({ variables });
    if (!config.telegram) throw new StepFailed('there is no application', 'give --api-id and --api-hash', 'init/no-application');
    const account = await logIn(config, way, person);
    write(setup, { variables });
    return account;
  });
  tell('telegram', self ? `${accountName(self)} is signed in` : 'left out');
};
