import { type Command, Option } from 'commander';
import { makeHttpChatClient, runTerminalChat } from '../../adapters/terminal/index.ts';
import type { Config } from '../../config/index.ts';
import { type ChatId, DEFAULT_LOCAL_CHAT } from '../../domain/index.ts';
import { EXIT } from '../failures.ts';
import { hasColor } from '../output.ts';
import { ownServer } from '../own-server.ts';
import type { Started } from '../started.ts';
import { argument, localChatOption, waitOf } from './arguments.ts';
import { loadConfigOrThrow, printWarnings } from './outcome.ts';
import { findRunningBot } from './running-bot.ts';

export const addChat = (program: Command): void => {
  program
    .command('chat')
    .description('talk in this terminal to the Kept that is running on this data, or to one that is started for this chat')
    .addOption(localChatOption('the local chat'))
    .addOption(
      new Option(
        '--wait <span>',
        'in a pipe: once the input has ended, how long to wait while nothing happens, as for an approval: 30s, 1h',
      )
        .argParser(argument(waitOf))
        .default(600_000, '10m'),
    )
    .action(async ({ chat, wait }: { chat: ChatId; wait: number }) => {
      const config = loadConfigOrThrow();
      const running = await findRunningBot(config);
      await (running ? chatWith(running, config, chat, wait) : chatAlone(config, chat, wait));
    });
};

const chatWith = async (started: Started & { readonly url: string }, config: Config, chatId: ChatId, idleExitMs: number): Promise<void> => {
  const quit = new AbortController();
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => quit.abort());
  const { complete } = await runTerminalChat({
    client: makeHttpChatClient({ ...ownServer(config, started.url), chatId }),
    input: process.stdin,
    output: process.stdout,
    color: hasColor(),
    signal: quit.signal,
    idleExitMs,
    header: `Talking to Kept (PID ${started.pid}, model ${started.model}). The same chat is at ${started.url}${chatId === DEFAULT_LOCAL_CHAT ? '' : `/?chat=${chatId}`}. /help lists commands.`,
  });
  // Some piped input was not sent, not answered, or its promise was not kept.
  if (!complete) process.exitCode = EXIT.bad;
};

/** Runs bot and worker in this process, on a free port, until the conversation ends. */
const chatAlone = async (config: Config, chatId: ChatId, idleExitMs: number): Promise<void> => {
  printWarnings(config);
  const { runProcess } = await import('../run-process.ts');
  const ended = Promise.withResolvers<void>();
  const alone = { ...config, http: { ...config.http, host: '127.0.0.1', port: 0 } };
  await runProcess('start', alone, {
    http: true,
    quiet: true,
    ended: ended.promise,
    onStarted: (started) => {
      const { url } = started;
      if (url === undefined) return ended.resolve();
      chatWith({ ...started, url }, alone, chatId, idleExitMs).then(ended.resolve, ended.reject);
    },
  });
  process.exit();
};
