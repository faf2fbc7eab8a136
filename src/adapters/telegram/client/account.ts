import { z } from 'zod';
import type { KeyValueState } from '../../../ports/index.ts';
import type { TelegramSelf } from './settings.ts';
import { ACCOUNT_KEY, CHANNEL_PLACES, OF_ONE_ACCOUNT, PLACE, SENT_PREFIX } from './state-keys.ts';

type Account = Pick<TelegramSelf, 'id' | 'username'>;

/** The data belongs to another account. Nothing is tried again before somebody has acted. */
export class OtherAccount extends Error {
  constructor(owner: string, { id, username }: Account) {
    const who = username === undefined ? id : `@${username} (${id})`;
    super(
      `this data belongs to the Telegram account ${owner}, and the one that is configured is ${who}: go back to the first, or give the other ` +
        'data of its own (KEPT_DATA_DIR, and DATABASE_URL where that is set)',
    );
    this.name = 'OtherAccount';
  }
}

/** Of a stored place in the account's own stream: the highest number of a message that was received there. */
const topSchema = z.object({ top: z.number() });

/** Whether anything was received or sent here. */
const wasUsed = async (state: KeyValueState): Promise<boolean> => {
  const place = await state.get(PLACE);
  if (place !== undefined && topSchema.parse(JSON.parse(place)).top > 0) return true;
  return (await state.list(CHANNEL_PLACES)).size > 0 || (await state.list(SENT_PREFIX)).size > 0;
};

/**
 * Rejects with `OtherAccount` where anything was received or sent here as somebody else: Telegram numbers messages
 * account by account, so the one's would be taken for repeats of the other's, and what still waits to be sent would go
 * out under another name.
 */
export const refuseOther = async (state: KeyValueState, account: Account): Promise<void> => {
  const owner = await state.get(ACCOUNT_KEY);
  if (owner === undefined || owner === String(account.id)) return;
  if (await wasUsed(state)) throw new OtherAccount(owner, account);
};

/**
 * Makes the state this account's. What was stored of an account that was never used is forgotten: this account has a
 * stream and peers of its own.
 */
export const claimState = async (state: KeyValueState, account: Account): Promise<void> => {
  if ((await state.get(ACCOUNT_KEY)) === String(account.id)) return;
  await refuseOther(state, account);
  const old = await Promise.all(OF_ONE_ACCOUNT.map((prefix) => state.list(prefix)));
  await state.set(
    new Map<string, string | undefined>([
      ...old.flatMap((entries) => [...entries.keys()].map((key) => [key, undefined] as const)),
      [ACCOUNT_KEY, String(account.id)],
    ]),
  );
};
