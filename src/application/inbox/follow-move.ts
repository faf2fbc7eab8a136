import type { AccessPolicy } from '../../domain/workspace/policy.ts';
import type { MovedChat } from '../../ports/chat-gateway.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import type { UnitOfWork } from '../../ports/storage/unit-of-work.ts';
import type { MovedChats } from '../chats/moved-chats.ts';
import { outdatedEvent } from '../chats/outdated-words.ts';
import type { RunningTurns } from './running-turns.ts';

export type FollowMove = (chat: MovedChat) => Promise<void>;

/** Moves everything of a chat to its new id, in one commit. A move that is stored already changes nothing. */
export const makeFollowMove = (deps: {
  readonly unitOfWork: UnitOfWork;
  readonly clock: Clock;
  readonly events: Events;
  readonly policy: AccessPolicy;
  readonly moved: MovedChats;
  readonly turns: Pick<RunningTurns, 'move'>;
}): FollowMove => {
  const { clock, events, moved } = deps;
  return async ({ from, to }) => {
    const move = { from, to, at: clock.now() };
    const isNew = await deps.unitOfWork.run(({ chatMoves }) => chatMoves.add(move));
    await moved.load();
    deps.turns.move(from, to);
    if (!isNew) return;
    events.emit({ type: 'chat-moved', from, to });
    for (const outdated of moved.outdatedIn(deps.policy)) if (outdated.from === from) events.emit(outdatedEvent(outdated));
  };
};
