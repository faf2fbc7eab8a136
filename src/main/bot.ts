import type { Root } from './container.ts';
import { bindRunning } from './modules/agents.ts';
import { bindHttp, bindLocalChat } from './modules/local.ts';
import { bindGateways, bindTelegram } from './modules/telegram.ts';
import { bindConversation } from './modules/use-cases.ts';
import { TOKENS } from './tokens.ts';

/** The bot's composition: everything that talks to people. */
export const bindBot = ({ container }: Root): void => {
  bindRunning(container);
  bindConversation(container);
  bindLocalChat(container);
  bindTelegram(container);
  bindGateways(container);
  bindHttp(container);
};

export interface StartedBot {
  /** Where the page and the API are, unless they were left out. */
  readonly url?: string;
}

/** How long turns may go on once the process is asked to end. */
const TURN_GRACE_MS = 10_000;

/** Starts to answer. What is waiting from before comes first. */
export const startBot = async ({ get, lifecycle }: Root, options: { readonly http: boolean }): Promise<StartedBot> => {
  const bot = await get(TOKENS.bot);
  lifecycle.onStop('bot', () => bot.stop(TURN_GRACE_MS));
  await bot.start();
  if (!options.http) return {};
  const server = await get(TOKENS.httpServer);
  lifecycle.onStop('http', () => server.close());
  return server.listen();
};
