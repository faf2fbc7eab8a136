import { Api } from 'telegram/tl/index.js';
import { isEdit } from './updates.ts';

/** Where a chat's history ends, in seconds since 1970: the account was never meant to receive older messages. */
export interface History {
  /** Older messages are from before the account was there. */
  readonly since: number;
  /** Of older messages, the account (a bot in privacy mode) was told only of those addressed to it. */
  readonly allSince?: number;
}

/**
 * Why an edit is left out; undefined for an edit that is received, and for any other update. Reactions, keyboards and
 * previews come as edits, which Telegram marks as not to be shown
 * (https://core.telegram.org/constructor/message, `edit_hide`). An edit of history is no new message, whatever it says.
 */
export const reasonToLeaveOut = (update: Api.TypeUpdate | Api.TypeUpdates, { since, allSince = 0 }: History): string | undefined => {
  if (!isEdit(update) || !(update.message instanceof Api.Message)) return undefined;
  const { date, editHide, mentioned } = update.message;
  if (editHide) return 'a change that is not to be shown as an edit';
  if (date < since) return 'edit of a message from before the account was there';
  return date < allSince && !mentioned ? 'edit of a message from before the bot was told of everything' : undefined;
};
