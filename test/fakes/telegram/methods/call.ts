import type { RecorderWithInlet } from '../recorder.ts';
import { rpcError } from '../rpc-error.ts';
import type { TlObject, TlValue } from '../tl/value.ts';
import type { AuthKey, Session } from '../wire/session.ts';
import type { DifferenceRules } from '../world/difference.ts';
import type { Message, User } from '../world/state.ts';
import type { World } from '../world/world.ts';

/** A message that a client sent, once for each message that came of it: repeats of a random id are not here. */
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
   * The id of the message that its thread starts with: of its topic, of the post that it comments on, or of the first
   * message of a chain of replies. Absent in General.
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
  /** The topic or thread that it is shown in. */
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
  readonly calls: RecorderWithInlet<RecordedCall>;
}

/** What methods have in common: the world, and how this server is set up. */
export interface Service {
  readonly world: World;
  readonly dcId: number;
  /** Where each data centre listens. */
  dataCentres(): readonly { readonly id: number; readonly host: string; readonly port: number }[];
  readonly rules: DifferenceRules;
  /** How a random id that comes again is answered. */
  repeats: 'error' | 'original';
  /** Whether a plain text sent to a supergroup is answered in the short form, too. */
  shortInSupergroups: boolean;
  /** After how many seconds another login code may be asked for. */
  codeTimeout: number;
  /** Counted up when the parameters of every password check go stale. */
  passwordChecks: number;
  readonly recorders: Recorders;
  readonly uploads: Map<bigint, Map<number, Buffer>>;
  /** What came of each random id, by user, chat and id. */
  readonly randomIds: Map<string, Message>;
  keyOf(id: bigint): AuthKey | undefined;
}

export interface Call {
  readonly request: TlObject;
  readonly session: Session;
  /** The key that says who is logged in. */
  readonly key: AuthKey;
  readonly service: Service;
}

export interface UserCall extends Call {
  readonly me: User;
}

/** Refuses what bots may not ask. */
export const onlyPeople = ({ me }: UserCall): void => {
  if (me.isBot) throw rpcError('BOT_METHOD_INVALID');
};

export type OpenMethod = (call: Call) => TlValue | Promise<TlValue>;
export type UserMethod = (call: UserCall) => TlValue | Promise<TlValue>;
