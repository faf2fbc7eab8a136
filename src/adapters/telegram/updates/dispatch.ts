import type { Api } from 'telegram/tl/index.js';
import type { Notice } from '../../../ports/index.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Checkpoints } from './checkpoints.ts';
import { reasonToLeaveOut } from './history.ts';
import { ACCOUNT } from './updates.ts';

/** Hands one message over. Resolves when it is under way; `settled` resolves when it was received. */
export type Deliver = (
  update: Api.TypeUpdate | Api.TypeUpdates,
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
) => Promise<{ readonly settled: Promise<void> } | undefined>;

/** Hands over new updates. The checkpoint behind them is acknowledged when all of them were received. */
export type Dispatch = (
  stream: string,
  changes: ReadonlyMap<string, string>,
  updates: readonly (Api.TypeUpdate | Api.TypeUpdates)[],
  users: readonly Api.TypeUser[],
  chats: readonly Api.TypeChat[],
) => Promise<void>;

export const makeDispatch =
  ({
    acknowledgements,
    checkpoints,
    deliver,
    notice,
  }: {
    readonly acknowledgements: Acknowledgements;
    readonly checkpoints: Checkpoints;
    readonly deliver: Deliver;
    readonly notice: Notice;
  }): Dispatch =>
  async (stream, changes, updates, users, chats) => {
    const done = acknowledgements.enter(stream, changes);
    const ends: Promise<void>[] = [];
    const history = checkpoints.historyOf(stream === ACCOUNT ? undefined : Number(stream));
    for (const update of updates) {
      const reason = reasonToLeaveOut(update, history);
      if (reason !== undefined) {
        notice('update-empty', { update: update.className, reason });
        continue;
      }
      const delivery = await deliver(update, users, chats);
      if (delivery) ends.push(delivery.settled);
    }
    if (ends.length === 0) done();
    else void Promise.all(ends).then(done);
  };
