import type { ChatId, MessageId, UserId } from '../../domain/chat/ids.ts';
import { type DeletedMessages, mayBeIn } from '../../domain/message/message.ts';

/** The running turns, so that people can stop them. */
export interface RunningTurns {
  begin(chatId: ChatId): RunningTurn;
  /** Asks the running turn of that chat, if there is one, to end: where all who asked may be stopped so. */
  stop(chatId: ChatId, mayStop: MayStop): void;
  /** Asks each turn about one of these edited or deleted messages to end. The next turn starts over. */
  restart(changed: DeletedMessages): void;
  /** Moves the running turn of a chat to the chat's new id. */
  move(from: ChatId, to: ChatId): void;
}

export interface RunningTurn {
  readonly stopped: AbortSignal;
  /** Names the messages that the turn answers, and those that they reply to; and who asked. */
  isAbout(messageIds: readonly MessageId[], askedBy: readonly UserId[]): void;
  end(): void;
}

/** Whether who stops may end what that person asked for. */
type MayStop = (askedBy: UserId) => boolean;

/** A message of the turn was edited or deleted meanwhile. Nothing of the turn is stored, and it starts over. */
export class OutdatedTurnError extends Error {
  override readonly name = 'OutdatedTurnError';
}

export const makeRunningTurns = (): RunningTurns => {
  const running = new Map<ChatId, { readonly stopper: AbortController; about: readonly MessageId[]; stop(mayStop: MayStop): void }>();
  return {
    begin: (chatId) => {
      const stopper = new AbortController();
      let askers: readonly UserId[] | undefined;
      /** Came before it was known who asked. */
      const early: MayStop[] = [];
      const turn = {
        stopper,
        about: [] as readonly MessageId[],
        stop: (mayStop: MayStop) => {
          if (!askers) early.push(mayStop);
          else if (askers.every(mayStop)) stopper.abort();
        },
      };
      running.set(chatId, turn);
      return {
        stopped: stopper.signal,
        isAbout: (messageIds, askedBy) => {
          turn.about = messageIds;
          askers = askedBy;
          for (const mayStop of early.splice(0)) turn.stop(mayStop);
        },
        end: () => {
          for (const [id, each] of running) if (each === turn) running.delete(id);
        },
      };
    },
    stop: (chatId, mayStop) => running.get(chatId)?.stop(mayStop),
    restart: (changed) => {
      for (const [id, { about, stopper }] of running) {
        const one = about.find((each) => changed.messageIds.includes(each));
        if (one !== undefined && mayBeIn(changed, id))
          stopper.abort(new OutdatedTurnError(`message ${one} was edited or deleted meanwhile`));
      }
    },
    move: (from, to) => {
      const turn = running.get(from);
      if (!turn) return;
      running.delete(from);
      running.set(to, turn);
    },
  };
};
