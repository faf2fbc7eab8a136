import { Api } from 'telegram/tl/index.js';
import { isEdit } from './updates.ts';

/** What of a chat is its history, in seconds since 1970: messages that the account was never to receive. */
export interface History {
  /** What is older is from before the account was there. */
  readonly since: number;
  /** What is older was told to the account where it was addressed to it, and not else: a bot in privacy mode. */
  readonly allSince?: number;
}

/**
 * Why an edit brings nothing to receive; undefined for one that does, and for anything else. Reactions, keyboards,
 * previews and the like come as edits, which Telegram marks as not to be shown
 * (https://core.telegram.org/constructor/message, `edit_hide`). An edit of history is no new message, whatever it says.
 */
export const reasonToLeaveOut = (update: Api.TypeUpdate | Api.TypeUpdates, { since, allSince = 0 }: History): string | undefined => {
  if (!isEdit(update) || !(update.message instanceof Api.Message)) return undefined;
  const { date, editHide, mentioned } = update.message;
  if (editHide) return 'a change that is not to be shown as an edit';
  if (date < since) return 'edit of a message from before the account was there';
  return date < allSince && !mentioned ? 'edit of a message from before the bot was told of everything' : undefined;
};
