import type { GatewayState } from '../../../ports/index.ts';
import { MOVED_PREFIX } from '../moved-groups.ts';
import { BECAME_PREFIX, SENT_PREFIX } from '../outbound/sent-messages.ts';
import { PEER_PREFIX } from '../peers.ts';
import { PING_PREFIX } from '../self-ping.ts';
import type { TelegramSelf } from '../settings.ts';
import { makePlaces, PLACE } from './places.ts';

/** Whose state it is. */
const ACCOUNT_KEY = 'account';

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

/**
 * Rejects with `OtherAccount` where anything was received or sent here as somebody else: Telegram numbers messages account by account, so
 * the one's would be taken for repeats of the other's, and what still waits to be sent would go out under another name.
 */
export const refuseOther = async (state: GatewayState, account: Account): Promise<void> => {
  const owner = await state.get(ACCOUNT_KEY);
  if (owner === undefined || owner === String(account.id)) return;
  const places = makePlaces(state);
  await places.load();
  const used = (places.account?.top ?? 0) > 0 || places.channelIds().length > 0 || (await state.list(SENT_PREFIX)).size > 0;
  if (used) throw new OtherAccount(owner, account);
};

/** Makes the state this account's. What was kept of one that was never used is forgotten: its stream and its peers are of no worth to this one. */
export const claimState = async (state: GatewayState, account: Account): Promise<void> => {
  if ((await state.get(ACCOUNT_KEY)) === String(account.id)) return;
  await refuseOther(state, account);
  const prefixes = [PLACE, PEER_PREFIX, SENT_PREFIX, BECAME_PREFIX, PING_PREFIX, MOVED_PREFIX];
  const old = await Promise.all(prefixes.map((prefix) => state.list(prefix)));
  await state.set(
    new Map<string, string | undefined>([
      ...old.flatMap((entries) => [...entries.keys()].map((key) => [key, undefined] as const)),
      [ACCOUNT_KEY, String(account.id)],
    ]),
  );
};
