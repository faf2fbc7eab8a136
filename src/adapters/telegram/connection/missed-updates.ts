import { Api } from 'telegram/tl/index.js';
import type { Logger } from '../../../ports/index.ts';
import { portErrorOf } from '../errors.ts';
import { markedChannelId, type Peers } from '../peers.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import { type AccountPlace, accountDifference, channelDifference, currentPlace, type Stretch } from './difference.ts';
import type { Gaps } from './gaps.ts';
import type { Call } from './link.ts';
import type { Places } from './places.ts';
import { ACCOUNT, type NumberedUpdate, numberingOf, renamedIn } from './updates.ts';

/** Hands over what is new; the place behind it is acknowledged when all of it was received. */
export type PassOn = (
  sequence: string,
  place: ReadonlyMap<string, string>,
  updates: readonly (Api.TypeUpdate | Api.TypeUpdates)[],
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
) => Promise<void>;

/** Fetches what was lost on the way (https://core.telegram.org/api/updates#recovering-gaps). */
export interface MissedUpdates {
  /** Brings a stream up to date, or has `retryLater` called. */
  fetch(sequence: string): Promise<void>;
  /** As `fetch` does it for the account, with failures left to the caller. */
  fetchAccount(): Promise<void>;
  /** Whether that group has moved past its place, or has none yet; `date`: when the account was last up to date. */
  isBehind(update: Api.UpdateChannelTooLong, date: number): boolean;
}

export const makeMissedUpdates = ({
  call,
  peers,
  places,
  gaps,
  acknowledgements,
  passOn,
  apply,
  retries,
  signal,
  logger,
}: {
  readonly call: Call;
  readonly peers: Peers;
  readonly places: Places;
  readonly gaps: Gaps;
  readonly acknowledgements: Acknowledgements;
  readonly passOn: PassOn;
  readonly apply: (part: NumberedUpdate) => Promise<void>;
  readonly retries: { later(sequence: string, atLeastMs: number): void; end(sequence: string): void };
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): MissedUpdates => {
  const learn = ({ updates, users, chats }: Stretch<unknown>): void => {
    peers.forgetUsers(renamedIn(updates));
    acknowledgements.note(peers.learn(users, chats));
  };

  const applyEarly = async (sequence: string): Promise<void> => {
    for (const part of gaps.end(sequence)) await apply(part);
  };

  const fetchAccount = async (): Promise<void> => {
    if (!places.account) return;
    const { date } = places.account;
    for await (const stretch of accountDifference(call, places.account, logger)) {
      if (signal.aborted) return;
      learn(stretch);
      const { ours, elsewhere, tooLong } = sorted(stretch);
      const behind = tooLong.filter((update) => isBehind(update, date));
      await passOn(ACCOUNT, places.moveAccount(stretch.end), ours, stretch.users, stretch.chats);
      for (const part of elsewhere) await apply(part);
      // Not after the last stretch: one that fails would leave them behind, as they are told once.
      for (const { channelId } of behind) await fetch(String(markedChannelId(Number(channelId))));
    }
    await applyEarly(ACCOUNT);
  };

  /** Where a group was never seen, it gets its place now, before the account's own moves on: what came since `date` is new there, however often it must be asked for. */
  const isBehind = (update: Api.UpdateChannelTooLong, date: number): boolean => {
    const channelId = markedChannelId(Number(update.channelId));
    if (!peers.isSupergroup(channelId)) return false;
    const known = places.channel(channelId);
    if (!known) acknowledgements.note(places.moveChannel(channelId, { pts: 1, top: 0, since: date }));
    return !known || !update.pts || known.pts < update.pts;
  };

  const fetchChannel = async (channelId: number): Promise<void> => {
    const known = places.channel(channelId);
    if (!known) return;
    const { since = 0 } = known;
    for await (const stretch of channelDifference(call, peers.inputChannel(channelId), known, logger)) {
      if (signal.aborted) return;
      learn(stretch);
      const fresh = stretch.updates.filter((update) => dateOf(update) >= since);
      await passOn(String(channelId), places.moveChannel(channelId, stretch.end), fresh, stretch.users, stretch.chats);
    }
    await applyEarly(String(channelId));
  };

  const fetch = async (sequence: string): Promise<void> => {
    gaps.end(sequence);
    try {
      await (sequence === ACCOUNT ? fetchAccount() : fetchChannel(Number(sequence)));
      retries.end(sequence);
    } catch (error) {
      const { code, message: reason, retryAfterMs = 0 } = portErrorOf(error);
      if (code === 'invalid-request' && sequence === ACCOUNT && places.account) {
        const { account } = places;
        logger.error({ reason, place: account }, 'Telegram does not know the stored place in the stream of updates; it goes on from now');
        await places.begin({ ...(await currentPlace(call)), top: account.top });
      } else if (code === 'invalid-request') {
        const chatId = Number(sequence);
        logger.warn({ chatId, reason }, 'a group can be read no more; its updates are not asked for any longer');
        await places.forgetChannel(chatId);
      } else {
        logger.info({ sequence, reason }, 'missed updates could not be fetched; they will be');
        retries.later(sequence, retryAfterMs);
      }
    }
  };

  return { fetch, fetchAccount, isBehind };
};

/** Some updates of an account's difference belong to supergroups, which number theirs by themselves. */
const sorted = ({ updates, users, chats }: Stretch<AccountPlace>) => {
  const ours: Api.TypeUpdate[] = [];
  const elsewhere: NumberedUpdate[] = [];
  const tooLong: Api.UpdateChannelTooLong[] = [];
  for (const update of updates) {
    const part = numberingOf(update, users, chats);
    if (update instanceof Api.UpdateChannelTooLong) tooLong.push(update);
    else if (part?.channelId !== undefined) elsewhere.push(part);
    else ours.push(update);
  }
  return { ours, elsewhere, tooLong };
};

const dateOf = (update: Api.TypeUpdate): number =>
  'message' in update && typeof update.message === 'object' && update.message !== null && 'date' in update.message
    ? update.message.date
    : Number.POSITIVE_INFINITY;
