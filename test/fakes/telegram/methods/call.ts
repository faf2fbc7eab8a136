import type { RecorderWithInlet } from '../recorder.ts';
import { rpcError } from '../rpc-error.ts';
import type { TlObject, TlValue } from '../tl/value.ts';
import type { AuthKey, Session } from '../wire/session.ts';
import type { DifferenceRules } from '../world/difference.ts';
import type { Message, User } from '../world/state.ts';
import type { World } from '../world/world.ts';

/** A message that a client sent. A repeat of its random id is not recorded again. */
export interface SentMessage {
  readonly userId: number;
  /** The marked id of the chat. */
  readonly chat: number;
  readonly id: number;
  readonly text: string;
  readonly entities: readonly TlObject[];
  /** The id of the message that it replies to. */
  readonly replyTo?: number;
  /**
   * The id of the first message of its thread: of a topic, of comments, or of a chain of replies. Absent in General.
   */
  readonly thread?: number;
  readonly randomId: bigint;
  readonly media?: TlObject;
  readonly message: Message;
}

export interface EditedMessage {
  readonly userId: number;
  readonly chat: number;
  readonly id: number;
  readonly text: string;
  readonly entities: readonly TlObject[];
  readonly message: Message;
}

export interface ShownAction {
  readonly userId: number;
  readonly chat: number;
  /** The topic or thread where it is shown. */
  readonly thread?: number;
  /** `sendMessageTypingAction`, … */
  readonly action: string;
}

export interface Reaction {
  readonly userId: number;
  readonly chat: number;
  readonly id: number;
  readonly emoji: readonly string[];
  readonly message: Message;
}

/** The answer to a tap of a button. */
export interface AnsweredTap {
  /** The bot that answered. */
  readonly userId: number;
  readonly queryId: bigint;
  /** Shown to the person for a moment. */
  readonly text?: string;
  readonly alert: boolean;
}

/** A page that Telegram's own servers fetch, to show it below a message. */
export interface FetchedPreview {
  readonly url: string;
}

export interface RecordedCall {
  readonly method: string;
  readonly request: TlObject;
  readonly userId?: number;
  /** `pending`, `ok`, the error, or `cut` or `swallowed` by a fault. */
  outcome: string;
}

export interface Recorders {
  readonly sent: RecorderWithInlet<SentMessage>;
  readonly edits: RecorderWithInlet<EditedMessage>;
  readonly typing: RecorderWithInlet<ShownAction>;
  readonly reactions: RecorderWithInlet<Reaction>;
  readonly answered: RecorderWithInlet<AnsweredTap>;
  readonly previews: RecorderWithInlet<FetchedPreview>;
  readonly calls: RecorderWithInlet<RecordedCall>;
}

/** What all methods share: the world, and the settings of the server. */
export interface Service {
  readonly world: World;
  readonly dcId: number;
  /** The addresses of the data centres. */
  dataCentres(): readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly rules: DifferenceRules;
  /** The answer to a repeated random id. */
  repeats: 'error' | 'original';
  /** Whether a plain text to a supergroup is answered in the short form. */
  shortInSupergroups: boolean;
  /** The seconds after which another login code can be requested. */
  codeTimeout: number;
  /** Increases when the parameters of every password check expire. */
  passwordChecks: number;
  readonly recorders: Recorders;
  readonly uploads: Map<bigint, Map<number, Buffer>>;
  /** The message of each random id, by user, chat and id. */
  readonly randomIds: Map<string, Message>;
  keyOf(id: bigint): AuthKey | undefined;
}

export interface Call {
  readonly request: TlObject;
  readonly session: Session;
  /** The key that holds the login. */
  readonly key: AuthKey;
  readonly service: Service;
}

export interface UserCall extends Call {
  readonly me: User;
}

/** Throws for bots: the method is for people only. */
export const onlyPeople = ({ me }: UserCall): void => {
  if (me.isBot) throw rpcError('BOT_METHOD_INVALID');
};

export type OpenMethod = (call: Call) => TlValue | Promise<TlValue>;
export type UserMethod = (call: UserCall) => TlValue | Promise<TlValue>;
