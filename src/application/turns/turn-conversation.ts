import type { ChatId } from '../../domain/chat/ids.ts';
import { type ConversationStep, fitConversation } from '../../domain/conversation/conversation.ts';
import { withSteadyBeginning } from '../../domain/conversation/steady-beginning.ts';
import { withTimeNotes } from '../../domain/conversation/time-notes.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { makeNamedConversation } from '../agents/named-conversation.ts';
import type { TurnMessages } from './commit-turn.ts';
import type { HistoryLimits } from './history-limits.ts';

/** The conversation that a model is shown of a chat: what was said before, as much as fits, and what is asked now. */
export type TurnConversation = (records: TurnMessages, chatId: ChatId) => Promise<readonly ConversationStep[]>;

export const makeTurnConversation = (deps: {
  readonly stores: Pick<Stores, 'conversations' | 'messages'>;
  readonly limits: Pick<HistoryLimits, 'taken' | 'maxTokens'>;
  readonly settings: TurnSettings;
  readonly clock: Pick<Clock, 'now'>;
  readonly timeZone?: string | undefined;
}): TurnConversation => {
  const { stores, limits, settings } = deps;
  const namedConversation = makeNamedConversation(stores);
  return async (records, chatId) => {
    const history = limits.taken(chatId, await stores.conversations.recent(chatId, settings.maxHistory));
    const { before, asked } = await namedConversation(history, records);
    const fitting = fitConversation([...before, ...asked], {
      maxSteps: settings.maxHistory + records.length,
      maxTokens: limits.maxTokens(chatId, settings.maxHistoryTokens),
    });
    const isCut = history.length >= settings.maxHistory || fitting.length < before.length + asked.length;
    const shown = isCut ? withSteadyBeginning(fitting, asked.length) : fitting;
    // What is asked is shown whatever its length.
    return withTimeNotes(shown.length < asked.length ? asked : shown, deps.clock.now(), deps.timeZone);
  };
};
