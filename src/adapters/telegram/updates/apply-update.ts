import type { Checkpoints } from './checkpoints.ts';
import type { Dispatch } from './dispatch.ts';
import type { StreamQueues } from './stream-queues.ts';
import { accountAfter, canApplyAlone, stepForUpdate, topAfter } from './stream-rules.ts';
import { ACCOUNT, type NumberedUpdate } from './updates.ts';

/** Takes the step that an update's number asks for (`stepForUpdate`), in its stream's turn. */
export const makeApplyUpdate = ({
  checkpoints,
  dispatch,
  fetchAccount,
  checkAccount,
  queues,
}: {
  readonly checkpoints: Checkpoints;
  readonly dispatch: Dispatch;
  /** Resolve to whether the account's stream is up to date. */
  readonly fetchAccount: () => Promise<boolean>;
  readonly checkAccount: () => Promise<boolean>;
  readonly queues: Pick<StreamQueues, 'gaps' | 'fetchSoon'>;
}): ((part: NumberedUpdate) => Promise<void>) => {
  const move = (part: NumberedUpdate, top: number): ReadonlyMap<string, string> | undefined => {
    if (part.channelId !== undefined) return checkpoints.moveChannel(part.channelId, { pts: part.pts, top });
    return checkpoints.account && checkpoints.moveAccount(accountAfter(checkpoints.account, part, top));
  };

  const apply = async (part: NumberedUpdate): Promise<void> => {
    const { stream, channelId } = part;
    const checkpoint = channelId === undefined ? checkpoints.account : checkpoints.channel(channelId);
    switch (stepForUpdate(part, checkpoint)) {
      case 'ignore':
        return;
      case 'check-stream':
        if (stream === ACCOUNT) await checkAccount();
        else queues.fetchSoon(stream);
        return;
      case 'hold':
        queues.gaps.add(part);
        return;
      case 'hold-and-fetch':
        queues.gaps.add(part);
        queues.fetchSoon(stream);
        return;
      case 'fetch-account':
        if ((await fetchAccount()) || !canApplyAlone(part, checkpoints.account)) return;
        break;
      case 'apply':
    }
    const moved = move(part, topAfter(part, checkpoint));
    if (moved) await dispatch(stream, moved, [part.update], part.users, part.chats);
    for (const early of queues.gaps.end(stream)) await apply(early);
  };
  return apply;
};
