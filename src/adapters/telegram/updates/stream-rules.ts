import { Api } from 'telegram/tl/index.js';
import type { AccountCheckpoint } from './difference.ts';
import { ACCOUNT, type NumberedUpdate, type UpdateParts } from './updates.ts';

/** What the numbers of updates say (https://core.telegram.org/api/updates#update-handling). Pure: nothing here calls or waits. */

/**
 * What happens to an update.
 * - `ignore`: it was applied before.
 * - `check-stream`: its number was passed, but its message is newer than all known ones. Telegram restarted the
 *   numbers, or the message was deleted since.
 * - `hold`: updates before it are missing. They may come in a moment.
 * - `hold-and-fetch`: more is missing than can come in a moment.
 * - `fetch-account`: it is next, but says too little of the people in it.
 * - `apply`: it is next.
 */
export type UpdateStep = 'ignore' | 'check-stream' | 'hold' | 'hold-and-fetch' | 'fetch-account' | 'apply';

interface StreamCheckpoint {
  readonly pts: number;
  readonly top: number;
}

/** A gap of so many in a channel may close by itself, as updates that are sent side by side may change places. */
const MAX_SMALL_GAP = 2;

const bringsNewMessage = (update: NumberedUpdate['update']): boolean =>
  update instanceof Api.UpdateNewMessage ||
  update instanceof Api.UpdateNewChannelMessage ||
  update instanceof Api.UpdateShortMessage ||
  update instanceof Api.UpdateShortChatMessage;

export const stepForUpdate = (part: NumberedUpdate, checkpoint: StreamCheckpoint | undefined): UpdateStep => {
  const { update, channelId, pts, count, messageId = 0, lacks } = part;
  // The numbering of a stream without a checkpoint begins here.
  const current = checkpoint?.pts ?? pts - count;
  if (pts <= current) return bringsNewMessage(update) && messageId > (checkpoint?.top ?? 0) ? 'check-stream' : 'ignore';
  const gap = pts - count - current;
  // Nobody knows how much is missing of a channel that was not seen before.
  if (gap !== 0) return channelId !== undefined && (checkpoint?.top === 0 || gap > MAX_SMALL_GAP) ? 'hold-and-fetch' : 'hold';
  return lacks ? 'fetch-account' : 'apply';
};

/**
 * Whether an update that says too little is applied though no difference could be fetched: its sender can be asked
 * for.
 */
export const canApplyAlone = ({ lacks, pts, count }: NumberedUpdate, account: StreamCheckpoint | undefined): boolean =>
  lacks === 'sender' && account?.pts === pts - count;

/** The highest message id in a stream once the update is applied. */
export const topAfter = ({ messageId = 0 }: NumberedUpdate, checkpoint: StreamCheckpoint | undefined): number =>
  Math.max(checkpoint?.top ?? 0, messageId);

/** The account's checkpoint once the update is applied. */
export const accountAfter = (account: AccountCheckpoint, { pts, date = 0 }: NumberedUpdate, top: number): AccountCheckpoint => ({
  ...account,
  pts,
  top,
  date: Math.max(account.date, date),
});

/**
 * Where a container stands in the order of containers. `isAhead`: one before it is missing, and with it updates of the
 * account; channels number theirs themselves. `moved`: the account's checkpoint behind it, where it moves.
 */
export const containerOrder = (
  account: AccountCheckpoint,
  { seq, date = 0 }: Pick<UpdateParts, 'seq' | 'date'>,
): { readonly isAhead: boolean; readonly moved?: AccountCheckpoint } => {
  if (seq !== undefined && seq.first > account.seq + 1) return { isAhead: true };
  if (seq === undefined || seq.last <= account.seq) return { isAhead: false };
  return { isAhead: false, moved: { ...account, seq: seq.last, date: Math.max(account.date, date) } };
};

/**
 * What the account's true state asks for. Lower numbers than ours: Telegram restarted them, so `check`. Higher ones:
 * something was lost, so `fetch`, unless a gap is waiting already.
 */
export const stepForState = (
  account: AccountCheckpoint,
  { pts, qts, seq }: { readonly pts: number; readonly qts: number; readonly seq: number },
  hasGap: boolean,
): 'check' | 'fetch' | 'nothing' => {
  if (pts < account.pts || qts < account.qts || seq < account.seq) return 'check';
  return (pts > account.pts || qts > account.qts) && !hasGap ? 'fetch' : 'nothing';
};

/** The account's first checkpoint: before all updates that have come in already, which `now` counts in. */
export const firstAccountCheckpoint = (now: AccountCheckpoint, waiting: readonly UpdateParts[]): AccountCheckpoint => {
  const parts = waiting.flatMap((updates) => updates.parts);
  const starts = parts.flatMap((part) => ('stream' in part && part.stream === ACCOUNT ? [part.pts - part.count] : []));
  return { ...now, pts: Math.min(now.pts, ...starts) };
};
