import { createPublicKey } from 'node:crypto';
import { resolve } from 'node:path';
import type { ChatId } from '../../domain/chat/ids.ts';
import { present } from '../../domain/shared/present.ts';
import { type ConfigProblem, error } from '../problems.ts';
import { type ProxySettings, proxy } from '../proxy.ts';
import type { Values } from '../section.ts';
import type { ConfigSources } from '../sources.ts';
import { address, list, oneOf, onOff, secret, shaped, telegramChat, text } from '../variable-kinds.ts';

export const telegramVariables = {
  TELEGRAM_BOT_TOKEN: secret({
    pattern: /^\d{5,16}:[\w-]{30,}$/,
    hint: 'a bot token is a number, a colon and 35 letters: BotFather shows it',
  }),
  TELEGRAM_API_ID: shaped({
    pattern: /^[1-9]\d{0,9}$/,
    hint: 'give the number that my.telegram.org shows as "api_id"',
    type: 'number',
  }),
  TELEGRAM_API_HASH: secret({
    pattern: /^[\da-f]{32}$/i,
    hint: 'give the 32 hexadecimal digits that my.telegram.org shows as "api_hash"',
    type: '32 hexadecimal digits',
  }),
  TELEGRAM_OPERATOR_CHAT: telegramChat(),
  TELEGRAM_DC_ADDRESS: address(),
  TELEGRAM_DC_PUBLIC_KEY: text('file'),
  TELEGRAM_PROXY: proxy(),
  TELEGRAM_TRANSPORT: oneOf({ full: 'full', obfuscated: 'obfuscated' } as const),
  TELEGRAM_IPV6: onOff(),
  /** Says which workspaces have access; read with `workspace_config.json`. */
  TELEGRAM_ALLOWED_GROUPS: list('workspace names'),
};

export interface TelegramConfig {
  readonly apiId: number;
  readonly apiHash: string;
  /** A bot's. Without one it is a person's account, which `kept login` signs in. */
  readonly botToken?: string;
  /** Where a bot sends itself a message at the start, to see it delivered. */
  readonly operatorChat?: ChatId;
  /** Another server than Telegram's own: `host:port`, and its RSA key in PEM. */
  readonly dc?: { readonly address: string; readonly publicKeyPem?: string };
  /** What Telegram is reached through. */
  readonly proxy?: ProxySettings;
  /** How packets look on the way. Default: `full`. */
  readonly transport?: 'full' | 'obfuscated';
  /** Whether servers are reached by their IPv6 addresses. */
  readonly ipv6?: boolean;
}

/** Reads how to connect to Telegram. Absent if none of its variables is set. */
export const readTelegram = (
  env: Values<typeof telegramVariables>,
  { cwd, readFile }: ConfigSources,
): { readonly telegram?: TelegramConfig; readonly problems: readonly ConfigProblem[] } => {
  const { TELEGRAM_API_ID: apiId, TELEGRAM_API_HASH: apiHash, TELEGRAM_BOT_TOKEN: botToken } = env;
  const { TELEGRAM_DC_ADDRESS: address, TELEGRAM_DC_PUBLIC_KEY: keyFile, TELEGRAM_OPERATOR_CHAT: operatorChat } = env;
  const problems: ConfigProblem[] = [];
  const set = apiId !== undefined || apiHash !== undefined || botToken !== undefined;
  for (const [name, value] of [['TELEGRAM_API_ID', apiId] as const, ['TELEGRAM_API_HASH', apiHash] as const])
    if (set && value === undefined)
      problems.push(
        error(
          name,
          'is missing: Telegram needs it beside the others',
          'take it from https://my.telegram.org, or unset the other Telegram variables',
        ),
      );
  if (keyFile !== undefined && address === undefined)
    problems.push(
      error(
        'TELEGRAM_DC_ADDRESS',
        'is missing: TELEGRAM_DC_PUBLIC_KEY is the key of that server',
        'set both, or neither to use Telegram itself',
      ),
    );
  const publicKeyPem = keyFile === undefined ? undefined : readKey(resolve(cwd, keyFile), readFile);
  if (keyFile !== undefined && publicKeyPem === undefined)
    problems.push(
      error('TELEGRAM_DC_PUBLIC_KEY', `${resolve(cwd, keyFile)} holds no RSA public key`, 'name a file with the server’s key in PEM'),
    );
  if (problems.length > 0 || apiId === undefined || apiHash === undefined) return { problems };
  return {
    problems,
    telegram: {
      apiId: Number(apiId),
      apiHash,
      ...present({ botToken, operatorChat, proxy: env.TELEGRAM_PROXY, transport: env.TELEGRAM_TRANSPORT, ipv6: env.TELEGRAM_IPV6 }),
      ...(address === undefined ? {} : { dc: { address, ...present({ publicKeyPem }) } }),
    },
  };
};

const readKey = (path: string, readFile: ConfigSources['readFile']): string | undefined => {
  try {
    const pem = readFile(path);
    return pem !== undefined && createPublicKey(pem).asymmetricKeyType === 'rsa' ? pem : undefined;
  } catch {
    // Whatever the reason, there is no key; the caller reports it.
    return undefined;
  }
};
