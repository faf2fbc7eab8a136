import type { ChatId } from '../../domain/chat/ids.ts';
import { type ConversationStep, fitConversation, tokensOf } from '../../domain/conversation/conversation.ts';
import { type HistoryRoom, isFull } from '../../domain/conversation/history.ts';
import { withSteadyBeginning } from '../../domain/conversation/steady-beginning.ts';
import { summaryNote } from '../../domain/conversation/summary.ts';
import { withTimeNotes } from '../../domain/conversation/time-notes.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import { linksNote } from '../../domain/recall/links-note.ts';
import type { Roles } from '../../domain/trust/speaker.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { makeNamedConversation } from '../agents/named-conversation.ts';
import type { ShowFiles } from '../agents/show-files.ts';
import { linksSavedWith } from '../recall/links.ts';
import type { TurnMessages } from './commit-turn.ts';
import type { HistoryLimits } from './history-limits.ts';

/**
 * The conversation that a model is shown of a chat: a summary of its beginning, what was said since, as much as fits,
 * and what is asked now; with the files of its messages. `onFull` is called where what was said nearly fills its room.
 */
export type TurnConversation = (
  records: TurnMessages,
  chatId: ChatId,
  /** A turn that was interrupted and `goesOn` is shown what was said up to its beginning (ms since 1970), as before. */
  turn: {
    readonly startedAt: number;
    readonly goesOn: boolean;
    readonly directory: string;
    readonly signal: AbortSignal;
    readonly ended: AbortSignal;
  },
) => Promise<readonly ConversationStep[]>;

export const makeTurnConversation = (deps: {
  readonly stores: Pick<Stores, 'conversations' | 'messages' | 'summaries'>;
  readonly limits: Pick<HistoryLimits, 'taken' | 'maxTokens'>;
  readonly policy: Roles;
  readonly settings: TurnSettings;
  readonly timeZone?: string | undefined;
  readonly onFull?: ((chatId: ChatId, room: HistoryRoom) => void) | undefined;
  /** Default: no model is shown a file. */
  readonly showFiles?: ShowFiles | undefined;
}): TurnConversation => {
  const { stores, limits, settings } = deps;
  const namedConversation = makeNamedConversation(stores, deps.policy);
  return async (records, chatId, { startedAt, goesOn, directory, signal, ended }) => {
    const summary = await stores.summaries.get(chatId);
    const all = await stores.conversations.after(chatId, summary?.upTo ?? 0, settings.maxHistory);
    const placed = goesOn ? all.filter(({ entry }) => entry.at <= startedAt) : all;
    const history = limits.taken(
      chatId,
      placed.map(({ entry }) => entry),
    );
    // A model that refuses what was said before is not told of it in other words.
    const notes = summary && history.length === placed.length ? [summaryNote(summary)] : [];
    const mostTokens = limits.maxTokens(chatId, settings.maxHistoryTokens);
    const maxTokens = Math.max(0, mostTokens - notes.reduce((sum, note) => sum + tokensOf(note), 0));
    const said = history.map(({ step }) => step);
    const room = { maxSteps: settings.maxHistory, maxTokens };
    if (isFull(said, room)) deps.onFull?.(chatId, room);
    const { before, asked } = await namedConversation(history, records);
    const fitting = fitConversation([...before, ...asked], { maxSteps: settings.maxHistory + records.length, maxTokens });
    const isCut = history.length >= settings.maxHistory || fitting.length < before.length + asked.length;
    const shown = isCut ? withSteadyBeginning(fitting, asked.length) : fitting;
    const lists = records.map(({ message }) => linksSavedWith(message)).filter(({ links }) => links.length > 0);
    const left = lists.reduce((sum, list) => sum + list.left, 0);
    const saved = lists.length === 0 ? [] : [linksNote(lists.length, records.length, left)];
    // What is asked is shown whatever its length.
    const visible = shown.length < asked.length ? asked : shown;
    const earlierTokens = visible.slice(0, visible.length - asked.length).reduce((sum, step) => sum + tokensOf(step), 0);
    const withFiles = await deps.showFiles?.(visible, {
      chatId,
      known: new Map(records.map(({ message }) => [message.messageId, message.files ?? []])),
      asked: records.map(({ message }) => message.messageId),
      directory,
      // Files have a room of their own, as large as that of words; of a room that was learnt, what the words leave.
      maxEarlierTokens: Math.min(maxTokens, limits.maxTokens(chatId, Number.POSITIVE_INFINITY) - earlierTokens),
      signal,
      ended,
    });
    return withTimeNotes([...notes, ...(withFiles ?? visible), ...saved], startedAt, deps.timeZone);
  };
};
