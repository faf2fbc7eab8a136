import type { PingReport, PingReports } from '../domain/index.ts';
import type { Events } from '../ports/index.ts';
import { reasonOf } from '../ports/index.ts';
import type { AppContext } from './container.ts';
import { TOKENS } from './tokens.ts';

const TIMEOUT_MS = 15_000;
const PROVEN = 'from message to delivered answer';

/**
 * Pings itself through every gateway. Does not reject: behind a long backlog the answer comes late, which is not a
 * failure of the process.
 */
export const pingSelf = async ({ get }: AppContext): Promise<PingReports> => {
  const events = await get(TOKENS.events);
  const [local, telegram, gateway] = await Promise.all([get(TOKENS.selfPing), get(TOKENS.telegramPing), get(TOKENS.telegram)]);
  const reports = await Promise.all([
    report('local chat', PROVEN, () => local.ping(TIMEOUT_MS), events),
    telegram
      ? report('Telegram', `${PROVEN}, which was deleted again`, () => telegram.ping(TIMEOUT_MS), events)
      : gateway &&
        report('Telegram', 'to the server and back; set TELEGRAM_OPERATOR_CHAT to test a delivered message', gateway.pingServer, events),
  ]);
  return { local: reports[0], ...(reports[1] ? { telegram: reports[1] } : {}) };
};

const report = async (road: string, proven: string, ping: () => Promise<number>, events: Events): Promise<PingReport> => {
  try {
    return { ms: await ping(), detail: proven };
  } catch (error) {
    const reason = reasonOf(error);
    events.emit({ type: 'self-ping-failed', road, reason });
    return { detail: reason };
  }
};
