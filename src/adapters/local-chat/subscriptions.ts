import type { ChatId } from '../../domain/index.ts';
import { type ChangeFeed, type LocalTranscript, type Notice, reasonOf, type TranscriptMessage } from '../../ports/index.ts';
import { makeSingleFlight } from './single-flight.ts';

export type LocalChatEvent =
  | { readonly type: 'message'; readonly message: TranscriptMessage }
  /** All of a growing answer so far; `''` when it is over. */
  | { readonly type: 'draft'; readonly text: string };

const PAGE = 100;

/**
 * Shows chats to those who watch. Each watcher has its own place in the transcript and reads on from there whenever
 * something may have been stored: so none misses or repeats a message, and a slow one holds back nobody else.
 */
export const makeSubscriptions = ({
  transcript,
  changes,
  notice,
}: {
  readonly transcript: LocalTranscript;
  readonly changes: ChangeFeed;
  readonly notice: Notice;
}) => {
  const watchers = new Map<ChatId, Set<Watcher>>();
  const drafts = new Map<ChatId, string>();

  return {
    subscribe: (chatId: ChatId, listener: (event: LocalChatEvent) => unknown, after?: number): (() => void) => {
      let active = true;
      let shownDraft = '';
      let place = after;
      let mayHaveMore = true;

      const showMessages = async (): Promise<void> => {
        while (active && mayHaveMore) {
          mayHaveMore = false;
          place ??= (await transcript.latest(chatId, 1)).at(-1)?.sequence ?? 0;
          const page = await transcript.list(chatId, place, PAGE);
          for (const message of page) {
            if (!active) return;
            await listener({ type: 'message', message });
            place = message.sequence;
          }
          if (page.length === PAGE) mayHaveMore = true;
        }
      };
      const showDraft = async (): Promise<void> => {
        const text = drafts.get(chatId) ?? '';
        if (!active || text === shownDraft) return;
        shownDraft = text;
        await listener({ type: 'draft', text });
      };
      const show = makeSingleFlight(async () => {
        try {
          await showMessages();
          await showDraft();
        } catch (error) {
          mayHaveMore = true;
          notice('chat-not-shown', { chatId, reason: reasonOf(error) });
        }
      });
      const watcher: Watcher = {
        look: () => {
          mayHaveMore = true;
          void show();
        },
        redraw: () => void show(),
      };

      const chatWatchers = watchers.get(chatId) ?? new Set();
      watchers.set(chatId, chatWatchers.add(watcher));
      const unsubscribe = changes.subscribe(watcher.look);
      watcher.look();
      return () => {
        active = false;
        unsubscribe();
        chatWatchers.delete(watcher);
        if (chatWatchers.size === 0 && watchers.get(chatId) === chatWatchers) watchers.delete(chatId);
      };
    },
    stored: (chatId: ChatId): void => {
      for (const { look } of watchers.get(chatId) ?? []) look();
    },
    draft: (chatId: ChatId, text: string): void => {
      if (text === '') drafts.delete(chatId);
      else drafts.set(chatId, text);
      for (const { redraw } of watchers.get(chatId) ?? []) redraw();
    },
  };
};

interface Watcher {
  /** There may be new messages. */
  readonly look: () => void;
  /** Only the draft has changed. */
  readonly redraw: () => void;
}
