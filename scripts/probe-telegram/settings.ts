import { randomInt } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { TelegramSettings } from '../../src/adapters/telegram/index.ts';
import { environmentSchema } from '../../src/config/environment.ts';
import { readTelegram } from '../../src/config/sections/telegram.ts';
import type { KeyValueState } from '../../src/ports/index.ts';
import type { Prompts } from './context.ts';

/** DC 2 of Telegram's test network (https://core.telegram.org/api/auth#test-accounts). */
const TEST_NETWORK = '149.154.167.40:443';

/** The server and the accounts of the probe. */
export interface ProbeSettings {
  readonly telegram: Omit<TelegramSettings, 'account'>;
  readonly botToken: string | undefined;
  readonly phone: string;
  /** The proxy that is the second address. */
  readonly secondProxy: TelegramSettings['proxy'];
  /** Secrets, which no file may contain. */
  readonly secrets: readonly string[];
}

/** A problem with the settings of the probe. */
export class WrongSettings extends Error {}

const checked = (given: Readonly<Record<string, string | undefined>>) => {
  const read = environmentSchema.safeParse(
    Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined && value !== '')),
  );
  if (!read.success)
    throw new WrongSettings(
      read.error.issues
        .map(({ path, message, ...issue }) => `${path.join('.')} ${message}: ${('params' in issue && issue.params?.hint) || ''}`)
        .join('\n'),
    );
  return read.data;
};

/** `99966`, the data centre, and four random digits. */
const newTestNumber = (): string => `999662${String(randomInt(10_000)).padStart(4, '0')}`;

/** Reads the environment's variables, and asks the person for those that are not set. */
export const readSettings = async (
  env: Readonly<Record<string, string | undefined>>,
  prompts: Prompts,
  memory: KeyValueState,
): Promise<ProbeSettings> => {
  const apiId = env.TELEGRAM_API_ID ?? (await prompts.ask('TELEGRAM_API_ID (api_id, from https://my.telegram.org)'));
  const apiHash = env.TELEGRAM_API_HASH ?? (await prompts.ask('TELEGRAM_API_HASH (api_hash, from https://my.telegram.org)'));
  const botToken =
    env.PROBE_BOT_TOKEN ?? (await prompts.ask('PROBE_BOT_TOKEN (of a bot of the test network; Enter alone or empty: no bot)'));
  const { telegram, problems } = readTelegram(
    checked({
      TELEGRAM_API_ID: apiId,
      TELEGRAM_API_HASH: apiHash,
      TELEGRAM_BOT_TOKEN: botToken,
      TELEGRAM_DC_ADDRESS: env.TELEGRAM_DC_ADDRESS ?? TEST_NETWORK,
      TELEGRAM_DC_PUBLIC_KEY: env.TELEGRAM_DC_PUBLIC_KEY,
      TELEGRAM_PROXY: env.TELEGRAM_PROXY,
      TELEGRAM_TRANSPORT: env.TELEGRAM_TRANSPORT,
      TELEGRAM_IPV6: env.TELEGRAM_IPV6,
    }),
    { cwd: process.cwd(), env: {}, readFile: (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined), kindOf: () => 'file' },
  );
  if (!telegram) throw new WrongSettings(problems.map(({ place, problem, hint }) => `${place} ${problem}: ${hint}`).join('\n'));
  const phone = env.PROBE_PHONE ?? (await memory.get('phone')) ?? newTestNumber();
  await memory.set(new Map([['phone', phone]]));
  const secondProxy = checked({ TELEGRAM_PROXY: env.PROBE_SECOND_PROXY }).TELEGRAM_PROXY;
  const { botToken: token, operatorChat: _, ...network } = telegram;
  return {
    telegram: { ...network, deviceModel: 'Kept probe' },
    botToken: token,
    phone,
    secondProxy,
    secrets: [apiHash, botToken, phone, ...[network.proxy, secondProxy].flatMap(secretsOf)].filter((each) => each !== ''),
  };
};

/** Errors can quote any part of an address, and the addresses of somebody's own servers are private. */
const secretsOf = (proxy: TelegramSettings['proxy']): readonly string[] => {
  if (!proxy) return [];
  return proxy.kind === 'mtproxy' ? [proxy.host, proxy.secret] : [proxy.host, proxy.username ?? '', proxy.password ?? ''];
};
