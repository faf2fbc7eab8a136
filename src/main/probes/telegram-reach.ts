import { systemClock } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import type { HealthProbe } from '../../ports/index.ts';
import { telegramSettings } from '../modules/telegram.ts';
import { ASKED_MS, asking, notConfigured } from './asking.ts';

/** Where it is not configured. */
export const noTelegram = (): HealthProbe =>
  notConfigured(
    'gateway.telegram',
    'Telegram is not configured',
    'set TELEGRAM_API_ID, TELEGRAM_API_HASH and TELEGRAM_BOT_TOKEN to be reached on Telegram',
  );

/**
 * Whether Telegram can be reached from here, as nobody: a process beside the bot must not use the bot's session.
 */
export const reachTelegramProbe = (telegram: NonNullable<Config['telegram']>, limitMs = ASKED_MS): HealthProbe =>
  asking({
    id: 'gateway.telegram',
    depth: 'cheap',
    limitMs,
    broken: 'fail',
    help: () => (telegram.dc ? 'see TELEGRAM_DC_ADDRESS' : 'is this machine on the network?'),
    ask: async (signal) => {
      const { reachTelegram } = await import('../../adapters/telegram/index.ts');
      const words = await reachTelegram(telegramSettings(telegram), { clock: systemClock, timeoutMs: limitMs, signal });
      return `${words}: only a start shows whether the ${telegram.botToken === undefined ? 'sign-in' : 'token'} is valid`;
    },
  });
