import { createPublicKey } from 'node:crypto';
import { resolve } from 'node:path';
import { present } from '../domain/shared/present.ts';
import type { Config, ConfigProblem } from './config.ts';
import type { Environment } from './environment.ts';
import { error } from './problems.ts';
import type { ConfigSources } from './sources.ts';

/** How Telegram is reached; absent where none of its variables is set. */
export const readTelegram = (
  env: Environment,
  { cwd, readFile }: ConfigSources,
): { readonly telegram?: NonNullable<Config['telegram']>; readonly problems: readonly ConfigProblem[] } => {
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
    // Whatever is wrong with it, there is no key: that is what the caller says.
    return undefined;
  }
};
