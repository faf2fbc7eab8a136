import { claimPatterns } from '../promise/claim-patterns.ts';
import { withoutSentences } from '../promise/gate.ts';
import { type Sentence, SHOWS_MATERIAL, sentencesOf } from '../promise/prose.ts';
import { inCyrillic, inLatin, withoutUnseen } from '../shared/look-alike.ts';
import type { Deed } from './deed.ts';
import { type DeedPatterns, deedPatterns, MAY_LOOK } from './deed-patterns.ts';
import type { DeedPhrases } from './deed-phrases.ts';

type Voice = 'doer' | 'passive' | 'state';

/** One deed that a sentence claims; where it has several names, each may be meant. */
export interface ClaimedDeed {
  readonly deeds: readonly Deed[];
  /**
   * Who did it: the writer; nobody who is named, so that it may be a report of what was read or heard; or it is so.
   */
  readonly voice: Voice;
  /** The verb, as the sentence says it, folded. */
  readonly verb: string;
}

/** A sentence of an answer that says that something was done. */
export interface DeedClaim {
  /** Where it stands in the answer (UTF-16 units). */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  readonly claimed: readonly ClaimedDeed[];
  /** It says that it was done before this answer. */
  readonly isRetold: boolean;
  readonly language: DeedPhrases;
}

/** More verbs of one sentence than these are not looked at. */
const MAX_VERBS = 30;

/** As much of a sentence as is looked at around a verb. */
const AROUND = 240;

/** What the newest answer claims: it is asked for more than once. */
let newest: { readonly text: string; readonly claims: readonly DeedClaim[] } | undefined;

/** Every sentence that claims a deed; nothing is known yet of what stands behind it. In time linear in the text. */
export const deedsClaimed = (text: string): readonly DeedClaim[] => {
  if (newest?.text !== text) newest = { text, claims: readClaims(text) };
  return newest.claims;
};

const readClaims = (text: string): readonly DeedClaim[] => {
  const sentences = sentencesOf(text);
  const claimsIf = (shows: boolean): readonly DeedClaim[] =>
    sentences.flatMap((sentence) => claimIn(sentence, text, { shows, isFirst: sentence.start <= MAX_LEAD }) ?? []);
  if (!SHOWS_MATERIAL.test(text)) return claimsIf(false);
  const claims = claimsIf(true);
  // What stands in a claim is gone with it, and then shows nothing for the others.
  return SHOWS_MATERIAL.test(withoutSentences(text, claims, '')) ? claims : claimsIf(false);
};

/** Where a promise or a schedule is named by its number, the promise gate looks at what is said of it. */
const OF_PROMISES: ReadonlySet<Deed> = new Set<Deed>(['create', 'change', 'delete', 'schedule', 'delegate', 'approve']);

const MAY_DECEIVE = /[^\P{L}a-z]/u;
/** `Sent!` */
const SHORTEST = 5;
/** A title without a verb of its own, such as `Ticket TR-7 created.`, is not longer. */
const SHORT = 50;

/** What a sentence stands in. */
interface Whole {
  /** There is code, a table or a quotation. */
  readonly shows: boolean;
  /** The sentence is the first. */
  readonly isFirst: boolean;
}

/** A bullet, or marks of emphasis, may stand before the first sentence. */
const MAX_LEAD = 4;

const claimIn = (sentence: Sentence, text: string, whole: Whole): DeedClaim | undefined => {
  const { start, end, words } = sentence;
  // A question claims nothing.
  if (words.length < SHORTEST || words.slice(-4).includes('?')) return undefined;
  const said = text.slice(start, end);
  const looks = MAY_DECEIVE.test(words) ? [...new Set([words, inLatin(words), inCyrillic(words)])] : [words];
  const accented = withAccents(said);
  const mayLook = MAY_LOOK.test(words);
  const namesPromise = claimPatterns().nameable.test(words) || /approval #?\d/.test(words);
  for (const patterns of deedPatterns())
    for (const look of patterns.language.keepsAccents ? [accented] : looks) {
      if ((look.length > SHORT && !patterns.signs.test(look)) || patterns.otherLanguage?.test(look)) continue;
      const out = patterns.isOut.exec(look);
      const acts: readonly ClaimedDeed[] = out ? [{ deeds: ['send'], voice: 'passive', verb: out[0] }] : actsIn(look, patterns, whole);
      const claimed = [
        ...(namesPromise ? acts.filter(({ deeds }) => !deeds.some((deed) => OF_PROMISES.has(deed))) : acts),
        ...(mayLook ? looksIn(look, patterns) : []),
      ];
      if (claimed.length > 0) return { start, end, text: said, claimed, isRetold: patterns.retold.test(look), language: patterns.language };
    }
  return undefined;
};

/** Small letters with their accents: as `fold`, for languages in which these count. */
export const withAccents = (said: string): string =>
  withoutUnseen(said)
    .normalize('NFC')
    .toLowerCase()
    .replace(/[’‘ʼ´]/g, "'")
    .replace(/[*_~]/g, '')
    .replace(/\s+/g, ' ');

const looksIn = (words: string, { looks, unless, denial }: DeedPatterns): readonly ClaimedDeed[] =>
  looks.flatMap(({ deed, pattern }) => {
    const found = pattern.exec(words);
    if (!found) return [];
    const before = words.slice(0, found.index);
    if (unless.test(before) || denial.test(clauseEnd(before))) return [];
    return [{ deeds: [deed], voice: 'doer', verb: found[0] }];
  });

/** What stands in the clause that this text ends in. */
const clauseEnd = (before: string): string =>
  before
    .slice(-AROUND)
    .split(/[,;:()–—]|(?<= )(?:but|and|aber|und|mais|et|pero|y|mas|e|ma|но|и) /u)
    .at(-1) ?? '';

const actsIn = (words: string, patterns: DeedPatterns, { shows, isFirst }: Whole): readonly ClaimedDeed[] => {
  const claimed: ClaimedDeed[] = [];
  let voice: Voice | undefined;
  let seen = 0;
  for (const found of words.matchAll(patterns.verb)) {
    if (++seen > MAX_VERBS) break;
    const group = patterns.groups[found.findIndex((each, at) => at > 0 && each !== undefined) - 1];
    if (!group) continue;
    const before = words.slice(Math.max(0, found.index - AROUND), found.index);
    const after = words.slice(found.index + found[0].length, found.index + found[0].length + AROUND).trimStart();
    voice = voiceOf(before, found[0], after, { ...patterns, deeds: group.deeds, isFirst }, voice);
    if (voice === undefined) continue;
    if (isOtherwise(words.slice(0, found.index), after, voice, patterns)) {
      voice = undefined;
      continue;
    }
    if (!isOfThings(before, after, voice, { patterns, ...group, shows, verb: found[0] })) continue;
    claimed.push({ deeds: group.deeds, voice, verb: found[0] });
  }
  return claimed;
};

/** Who did it, as the words before the verb say; undefined where they say nothing of it, or that somebody else did. */
const voiceOf = (
  before: string,
  verb: string,
  after: string,
  { isFirst, ...patterns }: DeedPatterns & { readonly isFirst: boolean; readonly deeds: readonly Deed[] },
  earlier: Voice | undefined,
): Voice | undefined => {
  const { language } = patterns;
  if (patterns.doer.test(before) || patterns.ownForms?.test(verb) || patterns.shortly.test(before)) return 'doer';
  if (patterns.passive.test(before) || patterns.doneForms?.test(verb)) return 'passive';
  if (before === '' && (isFirst ? IS_ALL.test(after) || DEFINITE.test(after) : ENDS.test(after))) return 'doer';
  if (patterns.titled.test(before) && (TITLE_ENDS.test(after) || (isFirst && after === ''))) return 'passive';
  if (language.dropsDoer && BEGINS.test(before)) return 'doer';
  const state = patterns.state.exec(before);
  if (state) {
    const subject = clauseEnd(before.slice(0, state.index));
    if (
      patterns.now.test(state[0]) ||
      patterns.now.test(subject.slice(-12)) ||
      patterns.now.test(after.slice(0, 16)) ||
      patterns.yours.test(subject)
    )
      return 'passive';
    return (patterns.deeds.includes('schedule') || patterns.deeds.includes('pay') || CANCELS.test(verb)) && patterns.things.test(subject)
      ? 'state'
      : undefined;
  }
  return earlier !== undefined && (language.verbLast || patterns.further.test(before)) ? earlier : undefined;
};

const CANCELS = /^(?:cancel|annul|abgesagt|storniert|отмен)/;

/** Nothing but a short word of assent. */
const BEGINS = /^(?:\p{L}{1,10}[,.:!]+ )?$/u;

const ENDS = /^[.!]+ *$/;
const IS_ALL = /^[.! ]*$/;
/** `Deleted the old files.` A clause that begins another way goes on: `Written in Rust, it is fast.` */
const DEFINITE = /^(?:the|your|all|both|it|them|die|den|das|deine|les|los|las|tus?) [^,]*$/;

/** Behind the verb of a title: its end, a number, or for whom. */
const TITLE_ENDS = /^(?:[.!]|:? ?[a-z]{2,6}-\d|(?:for|to|auf|fur|an|pour|a|para|per|на|для) )/u;

/** A condition, a denial, a hedge; somebody else's deed. */
const isOtherwise = (
  before: string,
  after: string,
  voice: Voice,
  { unless, denial, byOthers, language: { verbLast } }: DeedPatterns,
): boolean =>
  unless.test(before.slice(-1_000)) ||
  denial.test(clauseEnd(before)) ||
  (voice !== 'doer' && (byOthers.test(after) || (verbLast === true && byOthers.test(clauseEnd(before)))));

/** Whether the deed is done to something outside of the answer. */
const isOfThings = (
  before: string,
  after: string,
  voice: Voice,
  group: {
    readonly patterns: DeedPatterns;
    readonly deeds: readonly Deed[];
    readonly isWeak: boolean;
    readonly shows: boolean;
    readonly verb: string;
  },
): boolean => {
  const { patterns, deeds, isWeak, shows, verb } = group;
  const { things, ideas, placed, pronouns, yours, known, indefinite, inAnswer, sendable, language } = patterns;
  const subject = clauseEnd(before);
  const zone = language.verbLast ? subject : voice === 'doer' ? headOf(after, patterns) : `${subject} ${headOf(after, patterns)}`;
  if (voice !== 'doer' && indefinite.test(subject)) return false;
  const isPlaced = placed.test(after.slice(0, 120)) || (language.verbLast === true && placed.test(subject));
  if (isPlaced) return true;
  if (voice === 'doer' && IN_ANSWER.test(deeds.join(' ')) && inAnswer.test(language.verbLast ? `${before} ${after}` : after)) return false;
  const named = things.test(zone);
  // Without a doer, it may be an account of how things go: it is a claim of what is known to both.
  if (
    voice !== 'doer' &&
    !(TELLS.test(verb) && subject.length < 24) &&
    !named &&
    !sendable.test(subject) &&
    !yours.test(subject) &&
    !known.test(subject)
  )
    return false;
  const mayBeOfText = isWeak || deeds.every((deed) => OF_TEXT.has(deed));
  if (mayBeOfText && voice === 'doer' && (after.endsWith(':') || patterns.placedInIdeas.test(after.slice(0, 100)))) return false;
  if (mayBeOfText && ideas.test(zone.replace(things, ''))) return false;
  if (!isWeak) return true;
  if (named) return true;
  return !shows && !after.endsWith(':') && voice === 'doer' && pronouns.test(language.verbLast ? subject : after);
};

/** Deeds that may be done to the text of the answer. */
const OF_TEXT: ReadonlySet<Deed> = new Set<Deed>(['create', 'change', 'delete', 'save', 'pay']);

/** Of people. */
const TELLS = /^(?:inform|notif|invit|alert|contact|prevenu|avert|avis|benachricht|verstand|eingeladen|kontakt)/;

const IN_ANSWER = /send|create|change|save/;

/** What a verb is said of: up to the first preposition. */
const headOf = (after: string, { head }: DeedPatterns): string => {
  const end = ` ${after}`.search(head);
  return end < 0 ? after.slice(0, 80) : after.slice(0, Math.max(0, end - 1)).slice(0, 80);
};
