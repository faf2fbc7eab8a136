import type { ChatMove } from '../../domain/chat/chat-move.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { viewOf } from '../../domain/shared/view.ts';
import { type AccessPolicy, movedPolicy, type OutdatedChat, outdatedChats } from '../../domain/workspace/policy.ts';
import type { ChatMoves } from '../../ports/storage/chat-moves.ts';

/** The chats that have moved to another id, as this process knows them. */
export interface MovedChats {
  /** Loads the stored moves. Rejects when the storage does. */
  load(): Promise<void>;
  /** The current id of a chat: the same id if it has not moved. */
  home(chatId: ChatId): ChatId;
  /** All ids of a chat, the current one last. */
  idsOf(home: ChatId): readonly ChatId[];
  /** The id that a chat had at that time (ms since 1970) if it was another one. */
  idBefore(home: ChatId, at: number): ChatId | undefined;
  /** The chats whose ids should be changed in the configuration of this policy. */
  outdatedIn(policy: AccessPolicy): readonly OutdatedChat[];
  /**
   * The policy in which workspaces have their chats under all ids. It follows later moves, and changes of the policy.
   */
  over(policy: AccessPolicy): AccessPolicy;
}

export const makeMovedChats = (chatMoves: Pick<ChatMoves, 'list'>): MovedChats => {
  let moves: readonly ChatMove[] = [];
  return {
    load: async () => {
      moves = await chatMoves.list();
    },
    home: (chatId) => moves.find(({ from }) => from === chatId)?.to ?? chatId,
    idsOf: (home) => [...moves.flatMap(({ from, to }) => (to === home ? [from] : [])), home],
    idBefore: (home, time) => moves.find(({ to, at }) => to === home && at >= time)?.from,
    outdatedIn: (policy) => outdatedChats(policy, moves),
    over: (policy) => viewOf(() => policy, { workspaces: (under) => movedPolicy(under, moves).workspaces }),
  };
};

/** Where no chat ever moves. */
export const NONE_MOVED: Pick<MovedChats, 'home' | 'idsOf' | 'idBefore'> = {
  home: (chatId) => chatId,
  idsOf: (home) => [home],
  idBefore: () => undefined,
};
