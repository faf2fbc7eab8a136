import type { ChatKind } from '../chat/chat.ts';
import { type ChatId, type MessageId, roomOf, type UserId } from '../chat/ids.ts';
import { type Brand, wholeNumber } from '../shared/brand.ts';
import { present } from '../shared/present.ts';
import { type Provenance, provenanceFields } from '../trust/labels.ts';

/** A fact's number, from 1: what people see and type. */
export type FactId = Brand<number, 'FactId'>;
export const factId = (raw: number | string): FactId =>
  wholeNumber(typeof raw === 'string' ? raw.replace(/^#/, '') : raw, 'a fact number', 1) as FactId;

/** A person, under the name that they had when they said something. */
export interface SaidBy {
  readonly id: UserId;
  readonly name: string;
}

/** What somebody asked to be remembered. It is material for agents, and never an instruction to them. */
export interface Fact {
  readonly id: FactId;
  readonly text: string;
  /** The name of the workspace that it is about. Absent: it is about the person who said it. */
  readonly workspace?: string;
  readonly saidBy: SaidBy;
  /** The chat in which it was said. */
  readonly chatId: ChatId;
  readonly messageId?: MessageId;
  /** In ms since 1970. */
  readonly saidAt: number;
  /** What the agent had been shown when it wrote it down. Absent: that is not known. */
  readonly provenance?: Provenance;
}

/** Whose a fact is: a workspace's, or else the person's that it is about. */
export type FactOwner = { readonly workspace: string } | { readonly personId: UserId };

export const ownerOf = ({ workspace, saidBy }: Pick<Fact, 'workspace' | 'saidBy'>): FactOwner =>
  workspace === undefined ? { personId: saidBy.id } : { workspace };

export const isOwnedBy = (fact: Pick<Fact, 'workspace' | 'saidBy'>, owner: FactOwner): boolean =>
  'workspace' in owner ? fact.workspace === owner.workspace : fact.workspace === undefined && fact.saidBy.id === owner.personId;

/** From where facts are looked at: who asks, and in which room. */
export interface FactPlace {
  readonly workspace?: string;
  readonly personId: UserId;
  /** Others listen: of the facts about the person, only those that were said in this room are seen. */
  readonly room?: ChatId;
}

/** Where somebody looks at facts from: in a direct chat at all of theirs, elsewhere at those of the room. */
export const factPlace = (
  personId: UserId,
  chat: { readonly id: ChatId; readonly kind: ChatKind },
  workspace: string | undefined,
): FactPlace => ({
  personId,
  ...present({ workspace, room: chat.kind === 'direct' ? undefined : roomOf(chat.id) }),
});

/** The person as facts and links name them. */
export const saidByPerson = ({ id, username }: { readonly id: UserId; readonly username?: string }): SaidBy => ({
  id,
  name: username ?? id,
});

export const saidByFields = ({ id, name }: SaidBy): SaidBy => ({ id, name });

/** A fact and nothing else, whatever the object that it is taken from holds beside. */
export const factFields = ({ id, text, workspace, saidBy, chatId, messageId, saidAt, provenance }: Fact): Fact => ({
  id,
  text,
  saidBy: saidByFields(saidBy),
  chatId,
  saidAt,
  ...present({ workspace, messageId, provenance: provenanceFields(provenance) }),
});

/** Whether a fact is seen from there: nobody sees what is about another person, or of another workspace. */
export const isSeenFrom = ({ workspace, saidBy, chatId }: Fact, place: FactPlace): boolean =>
  workspace === undefined
    ? saidBy.id === place.personId && (place.room === undefined || roomOf(chatId) === place.room)
    : workspace === place.workspace;
