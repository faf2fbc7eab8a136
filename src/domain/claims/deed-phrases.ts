import type { Deed } from './deed.ts';

/** A deed, or several of which each may be meant, joined by `_`: `create_change`. */
type DeedNames = string;

/**
 * How deeds are claimed in one language. Everything is a regular expression over folded text (see `fold`), written
 * with or without accents; `…` stands for up to five words, none of which denies.
 */
export interface DeedPhrases {
  /** Default: accents are left out. Where they tell `envié` from `envíe`, they stay. */
  readonly keepsAccents?: true;
  /** Words of which one stands in every claim: a cheap look before the others. */
  readonly signs: string;
  /** Verb forms that claim a deed, whatever they are said of. */
  readonly verbs: Readonly<Record<DeedNames, string>>;
  /** Verb forms that claim a deed only where something outside of the answer is named, or nothing. */
  readonly weakVerbs: Readonly<Record<DeedNames, string>>;
  /** What stands before a verb where the writer did it; ends right before the verb, adverbs aside. */
  readonly doer: string;
  /** Verb forms that say by themselves who did it; among those above. Absent: none. */
  readonly ownForms?: string;
  /** Words of other languages, in which such a form means something else. */
  readonly otherLanguage?: string;
  /** Who did it is often left out at the beginning of a sentence. */
  readonly dropsDoer?: true;
  /** Verb forms that say by themselves that it was done, by whomever. Absent: none. */
  readonly doneForms?: string;
  /** What stands before the verb where it is only said that it was done. */
  readonly passive: string;
  /** The same, where it may tell of how things are: counts with a word for now, or of what is the reader's. */
  readonly state: string;
  readonly yours: string;
  /** Begins the name of something that is none in particular. */
  readonly indefinite: string;
  readonly now: string;
  readonly adverbs: string;
  /** Joins a further verb to one that claims. */
  readonly and: string;
  /** The verb stands at the end of its clause. */
  readonly verbLast?: true;
  /** Begins a sentence without a doer: `Just sent you…`. */
  readonly shortly: string;
  /** Things outside of the answer. */
  readonly things: string;
  /** Parts of a text or of thoughts: what is done to them is done in the answer. */
  readonly ideas: string;
  /** It, them, everything. */
  readonly pronouns: string;
  /** Ends the words that a verb is said of. */
  readonly prepositions: string;
  /** Prepositions of a place where something is put, or taken from. */
  readonly places: string;
  /** Says that it stands in the answer itself. */
  readonly inAnswer: string;
  /** Says that something is sent, without a verb of sending. */
  readonly isOut: string;
  /** Before a verb, anywhere in its sentence: conditions, hedges, what others say. */
  readonly unless: string;
  /** Before a verb, in its clause. */
  readonly denial: string;
  /** Behind a verb in the passive: who did it, or when. */
  readonly byOthers: string;
  /** Says that it was done before this answer. */
  readonly retold: string;
  /** A question about what was done. */
  readonly asksWhether: string;
  /** Looks at the web, at Notion, at files, at other data: a calendar, a mailbox. */
  readonly looks: Readonly<Partial<Record<'web' | 'notion' | 'files' | 'data', readonly string[]>>>;
  /** What is said in place of a claim. */
  readonly notDone: string;
  readonly notAllDone: string;
  readonly notLooked: string;
}

/** The deeds of a name in `verbs`. */
export const deedsNamed = (names: DeedNames): readonly Deed[] => names.split('_') as Deed[];
