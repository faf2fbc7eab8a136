import type { Command } from 'commander';
import { stripControl } from '../../adapters/terminal/index.ts';
import { type ChatId, DEFAULT_LOCAL_CHAT, InvalidValueError, type MessageId, namedMessage } from '../../domain/index.ts';
import { unknownMessageWords } from '../../domain/message/unknown-message.ts';
import { CommandError, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';
import { anyChatOption } from './arguments.ts';
import { explanationView, ownExplanationView } from './explain-view.ts';
import { printJson } from './outcome.ts';
import { withContextToRead } from './with-context.ts';

export const addExplain = (program: Command): void => {
  program
    .command('explain')
    .description('show why a message was answered or not, and what happened to it')
    .argument('<message>', 'its number in the chat (12 or #12, as terminal and page show it), or its id (telegram:12, with --chat)')
    .addOption(anyChatOption('the chat').default(DEFAULT_LOCAL_CHAT, DEFAULT_LOCAL_CHAT))
    .option('--json', 'as JSON')
    .action((named: string, { chat, json }: { chat: ChatId; json?: boolean }, command: Command) => {
      const message = messageOf(named, chat, command);
      return withContextToRead(async ({ get }) => {
        const { explain, explainOwn } = await get(TOKENS.commands);
        const explanation = await explain(chat, message);
        const own = explanation ? undefined : await explainOwn(chat, message);
        const lines = explanation?.lines ?? own?.lines;
        if (!lines) {
          throw new CommandError(
            `${unknownMessageWords(chat, message)} (--chat local:<n> names a local chat, --chat telegram:<id> one of Telegram)`,
            'message/not-found',
          );
        }
        if (json && explanation) return printJson(explanationView(explanation));
        if (json && own) return printJson(ownExplanationView(own));
        for (const line of lines) print(stripControl(line));
      });
    });
};

/** The name of a message depends on its chat, so it is parsed after both are known. */
const messageOf = (named: string, chat: ChatId, command: Command): MessageId => {
  try {
    return namedMessage(named, chat);
  } catch (error) {
    if (!(error instanceof InvalidValueError)) throw error;
    return command.error(`error: ${error.message}`, { code: 'commander.invalidArgument' });
  }
};
