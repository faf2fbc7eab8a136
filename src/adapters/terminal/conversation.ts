import type { MessageId, PromiseId } from '../../domain/index.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import type { PromiseLine } from './chat-client.ts';
import { draftLines, isOpen, openPromisesLine, shortName } from './message-text.ts';

/** A conversation as the terminal knows it: its messages, those that wait for an answer, and the open promises. */
export interface Conversation {
  /** Says whether the message is new to the person. Adds the text that it replies to, if that is not obvious. */
  add(message: TranscriptMessage): { readonly isOwn: boolean; readonly about?: string };
  /** The person's own message was stored under this id. */
  sent(id: MessageId): void;
  /** All of a growing answer so far. */
  draft(text: string): void;
  /** A promise was made or changed. */
  promise(promise: PromiseLine): void;
  /** All promises of the chat. */
  allPromises(promises: readonly PromiseLine[]): void;
  openPromises(): readonly PromiseId[];
  /** The current activity, in lines of `width` columns. The growing answer takes at most `height` lines. */
  statusLines(width: number, height: number): readonly string[];
}

export const makeConversation = (): Conversation => {
  const said = new Map<MessageId, string>();
  const own = new Set<MessageId>();
  const unanswered = new Set<MessageId>();
  const promises = new Map<PromiseId, PromiseLine>();
  let newest: MessageId | undefined;
  let growing = '';

  const setPromise = (promise: PromiseLine): void => {
    if (isOpen(promise)) promises.set(promise.id, promise);
    else promises.delete(promise.id);
  };
  return {
    add: ({ messageId, from, text, replyTo, answers }) => {
      said.set(messageId, text);
      for (const id of answers) unanswered.delete(id);
      if (from === 'agent' && answers.length > 0) growing = '';
      // An answer to the newest message needs no quotation of it.
      const about = replyTo === undefined || replyTo === newest ? undefined : said.get(replyTo);
      if (from === 'operator') newest = messageId;
      return { isOwn: own.has(messageId), ...(about === undefined ? {} : { about }) };
    },
    sent: (id) => {
      own.add(id);
      unanswered.add(id);
    },
    draft: (text) => {
      growing = text;
    },
    promise: setPromise,
    allPromises: (all) => {
      promises.clear();
      for (const promise of all) setPromise(promise);
    },
    openPromises: () => [...promises.keys()],
    statusLines: (width, height) => {
      const answer = draftLines(growing, width, height);
      const thinking = unanswered.size > 0 && answer.length === 0 ? [`◌ ${[...unanswered].map(shortName).join(', ')} …`] : [];
      const open = openPromisesLine(promises.values());
      return [...answer, ...thinking, ...(open === undefined ? [] : [open])];
    },
  };
};
