import type { Container } from 'inversify';
import type { TelegramGateway, TelegramSettings } from '../../adapters/telegram/index.ts';
import { makeSelfPing } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { present } from '../../domain/shared/present.ts';
import { bind } from '../bind.ts';
import { TOKENS } from '../tokens.ts';
import { VERSION } from '../version.ts';

const T = TOKENS;

/**
 * How to connect to Telegram, and as whom: as a bot if there is a token, else as the account that `kept login` signed
 * in.
 */
export const telegramSettings = ({
  apiId,
  apiHash,
  botToken,
  operatorChat: _,
  ...network
}: NonNullable<Config['telegram']>): TelegramSettings => ({
  apiId,
  apiHash,
  appVersion: VERSION,
  deviceModel: 'Kept',
  account: botToken === undefined ? { kind: 'user' } : { kind: 'bot', token: botToken },
  ...network,
});

const transcriber = async (openai: NonNullable<Config['models']['openai']>): Promise<(file: string) => Promise<string>> => {
  const { createOpenAiClient, makeOpenAiTranscriber } = await import('../../adapters/openai/index.ts');
  return makeOpenAiTranscriber({ client: createOpenAiClient(openai) });
};

/** Telegram, if it is configured, and the self-ping that goes through it. */
export const bindTelegram = (container: Container): void => {
  bind(
    container,
    T.telegram,
    {
      config: T.config,
      storage: T.storage,
      clock: T.clock,
      randomness: T.randomness,
      events: T.events,
    },
    async ({
      config: { telegram, models },
      storage: { stores, state },
      clock,
      randomness,
      events,
    }): Promise<TelegramGateway | undefined> => {
      if (!telegram) return undefined;
      // Its client is large.
      const { makeTelegramGateway } = await import('../../adapters/telegram/index.ts');
      return makeTelegramGateway({
        settings: telegramSettings(telegram),
        state: state('telegram'),
        clock,
        randomness,
        events,
        // The gateway itself remembers only the newest ones.
        isOurs: async (chatId, messageId) => (await stores.outbox.sentAs(chatId, messageId)) !== undefined,
        ...present({ operatorChat: telegram.operatorChat }),
        files: {
          ...(models.openai?.apiKey === undefined ? {} : { transcribe: await transcriber(models.openai) }),
        },
      });
    },
  );
  bind(container, T.telegramPing, { telegram: T.telegram, clock: T.clock, randomness: T.randomness }, ({ telegram, clock, randomness }) => {
    const channel = telegram?.selfPingChannel;
    return channel && makeSelfPing({ channel, clock, randomness });
  });
};
