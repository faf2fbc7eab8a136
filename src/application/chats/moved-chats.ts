import type { ChatMove } from '../../domain/chat/chat-move.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { type AccessPolicy, movedPolicy, type OutdatedChat, outdatedChats } from '../../domain/workspace/policy.ts';
import type { ChatMoves } from '../../ports/storage/chat-moves.ts';

/** Which chats go on under another id, as this process knows them. */
export interface MovedChats {
  /** Takes up what is stored. Rejects as storage does. */
  load(): Promise<void>;
  /** The chat that this one has become; itself where it has not moved. */
  home(chatId: ChatId): ChatId;
  /** Every id that this chat has had, the present one last. */
  idsOf(home: ChatId): readonly ChatId[];
  /** The id that this chat had at that time (ms since 1970), where it was another one. */
  idBefore(home: ChatId, at: number): ChatId | undefined;
  /** What is to be changed in the configuration that this policy is from. */
  outdatedIn(policy: AccessPolicy): readonly OutdatedChat[];
  /** The policy in which a workspace has its chats under every id: always as it is known now. */
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
    over: (policy) => ({
      ...policy,
      get workspaces() {
        return movedPolicy(policy, moves).workspaces;
      },
    }),
  };
};

/** Where no chat ever moves. */
export const NONE_MOVED: Pick<MovedChats, 'home' | 'idsOf' | 'idBefore'> = {
  home: (chatId) => chatId,
  idsOf: (home) => [home],
  idBefore: () => undefined,
};
