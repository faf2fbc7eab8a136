import { type Clock, silentNotice } from '../../../ports/index.ts';
import { portErrorOf } from './errors.ts';
import { openLink } from './link.ts';
import { trustServerKey } from './server-key.ts';
import { firstStart } from './session.ts';
import { DEFAULT_TIMING, type TelegramSettings } from './settings.ts';

/**
 * Connects to Telegram as nobody, asks for what everybody may, and hangs up. Signs nobody in, and leaves a running
 * account's session alone: two connections on one would make Telegram end it. Rejects with PortError.
 */
export const reachTelegram = async (
  settings: TelegramSettings,
  { clock, timeoutMs, signal }: { readonly clock: Clock; readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<string> => {
  if (settings.dc?.publicKeyPem !== undefined) trustServerKey(settings.dc.publicKeyPem);
  const start = firstStart(settings);
  const timing = { ...DEFAULT_TIMING, openTimeoutMs: timeoutMs, callTimeoutMs: timeoutMs };
  try {
    const link = await openLink({ settings, timing, clock, notice: silentNotice }, start, { onUpdates: () => undefined, signal });
    await link.addressOf(start.dcId).finally(() => link.close());
    return `answers at ${start.host}:${start.port}; nobody was signed in`;
  } catch (error) {
    throw portErrorOf(error);
  }
};
