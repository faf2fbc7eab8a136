import { excerpt } from '../shared/excerpt.ts';
import { inCyrillic, inLatin } from '../shared/look-alike.ts';
import { claimPatterns } from './claim-patterns.ts';
import { type ClaimPhrases, LANGUAGES } from './claim-phrases.ts';
import { type AgentPromise, isSettled, type PromiseId } from './promise.ts';
import { fold, isCourtesy, type Sentence, SHOWS_MATERIAL, sentencesOf } from './prose.ts';
import type { ScheduleId } from './schedule.ts';

/**
 * What became of an answer that made false claims: the model was asked again, and then told the truth, or did not, and
 * words were taken out. `deeds`: it claimed something done that no tool did.
 */
export type GateOutcome = 'sent-back' | 'rewritten' | 'deeds-sent-back' | 'deeds-rewritten';

/** A sentence of an answer that is true only if there is a promise behind it. */
export interface Claim {
  /** Where it stands in the answer (UTF-16 units). */
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** It says that work is under way or to come, which the answer itself does not bring. */
  readonly work: boolean;
  /** The promises that it names as standing, or as having stood. */
  readonly promises: readonly PromiseId[];
  /** The schedules that it names as standing, or as having stood. */
  readonly schedules: readonly ScheduleId[];
  /** It says of them that they were cancelled. */
  readonly ended: boolean;
  readonly language: ClaimPhrases;
}

/** What there is behind an answer. */
export interface Backing {
  /** The promises that were made with it. */
  readonly made: readonly PromiseId[];
  /** Those that it cancels, whenever they were made. */
  readonly cancelled: readonly PromiseId[];
  /** Whether it makes a schedule. */
  readonly scheduled: boolean;
  /** Promises of its chat that stood before: of those that it mentions, all. */
  readonly stored: readonly AgentPromise[];
  /** The schedules behind it, by number; absent where none are known, and numbers of schedules are not looked at. */
  readonly schedules?: {
    /**
     * Made with it, or of its chat and there before, whether they have ended or not: of those that it mentions, all.
     */
    readonly known: readonly ScheduleId[];
    /** Of these, those that go on after it. */
    readonly active: readonly ScheduleId[];
    /** Those that it ends. */
    readonly ended: readonly ScheduleId[];
  };
}

/** The sentences that say, in the writer's own words and without condition, that work is under way or to come. */
export const claimsFutureWork = (text: string): readonly Claim[] => claimsOf(text).filter(({ work }) => work);

/** More numbers than these are not looked at. */
const MAX_NUMBERS = 100;

/** Every number that may be a promise's, so that it can be looked up. */
export const promisesMentioned = (text: string): readonly PromiseId[] => mentionedIn(text, claimsOf(text));

/** Every number that is a schedule's. */
export const schedulesMentioned = (text: string): readonly ScheduleId[] => [
  ...new Set(
    claimsOf(text)
      .flatMap(({ schedules }) => schedules)
      .slice(0, MAX_NUMBERS),
  ),
];

const mentionedIn = (text: string, claims: readonly Claim[]): readonly PromiseId[] => [
  ...new Set([...numbersIn(fold(text)), ...claims.flatMap(({ promises }) => promises)].slice(0, MAX_NUMBERS)),
];

/**
 * The claims of an answer that nothing stands behind: work to come without a promise or a schedule that was made with
 * the answer, or a promise that it mentions and that has not ended; and promises and schedules that it names and that
 * are not there, or that it cancels itself.
 */
export const falseClaims = (text: string, { made, cancelled, scheduled, stored, schedules: named }: Backing): readonly Claim[] => {
  const live = new Set(
    [...made, ...stored.filter((promise) => !isSettled(promise)).map(({ id }) => id)].filter((id) => !cancelled.includes(id)),
  );
  const known = new Set([...made, ...stored.map(({ id }) => id)]);
  const claims = claimsOf(text);
  const goesOn = claims.some(({ schedules }) => schedules.some((id) => named?.active.includes(id)));
  const backed = scheduled || goesOn || made.some((id) => live.has(id)) || mentionedIn(text, claims).some((id) => live.has(id));
  return claims.flatMap((claim) => {
    const promises = claim.promises.filter((id) => (cancelled.includes(id) ? !claim.ended : !known.has(id)));
    const schedules = named ? claim.schedules.filter((id) => (named.ended.includes(id) ? !claim.ended : !named.known.includes(id))) : [];
    const work = claim.work && !backed;
    return work || promises.length > 0 || schedules.length > 0 ? [{ ...claim, work, promises, schedules }] : [];
  });
};

/**
 * The text without false claims: the truth, in words of their language, stands in place of the first. Never empty, and
 * the same for the same text.
 */
export const withoutClaims = (text: string, claims: readonly Claim[]): string =>
  withoutSentences(text, claims, claimsTruth(claims).join(' '));

/** The text without these sentences, which stand in its order: these words stand in place of the first. */
export const withoutSentences = (text: string, sentences: readonly Pick<Claim, 'start' | 'end'>[], truth: string): string => {
  let kept = '';
  let from = 0;
  for (const [at, claim] of sentences.entries()) {
    kept += text.slice(from, claim.start) + (at === 0 ? truth : '');
    from = claim.end;
    if (at > 0 && /^[ \t]*(?:\n|$)/.test(text.slice(from, from + 100))) kept = withoutEmptyLine(kept);
    else if (at > 0) while (text[from] === ' ') from++;
  }
  return (kept + text.slice(from)).trim();
};

/** Without the bullet and the spaces at its end, and without the line that they stood in. */
const withoutEmptyLine = (text: string): string => {
  const line = text.lastIndexOf('\n') + 1;
  return /^\s*(?:(?:[-*+•]|\d{1,3}[.)])\s*)?$/.test(text.slice(line)) ? text.slice(0, Math.max(0, line - 1)) : text.trimEnd();
};

/** What is said in place of these claims. */
export const claimsTruth = (claims: readonly Claim[]): readonly string[] => {
  const language = claims[0]?.language ?? (LANGUAGES[0] as ClaimPhrases);
  const listed = (ids: readonly number[]): string => [...new Set(ids)].map((id) => `#${id}`).join(', ');
  const numbers = listed(claims.flatMap(({ promises }) => promises));
  const schedules = listed(claims.flatMap((claim) => claim.schedules));
  return [
    ...(claims.some(({ work }) => work) ? [language.nothingStarted] : []),
    ...(numbers === '' ? [] : [language.noSuchPromise.replace('#n', numbers)]),
    ...(schedules === '' ? [] : [language.noSuchSchedule.replace('#n', schedules)]),
  ];
};

/** Whether an answer says nothing beside these claims, courtesies aside. */
export const claimsNothingElse = (text: string, claims: readonly Pick<Claim, 'start'>[]): boolean =>
  sentencesOf(text).every(({ start, words }) => isCourtesy(words) || claims.some((claim) => claim.start === start)) &&
  !SHOWS_MATERIAL.test(text);

export const NOTE_MARK = '[A note from Kept itself, and not from a person]';

/** What the model is told when its answer is sent back. */
export const sentBackNote = (claims: readonly Claim[], canPromise: boolean): string =>
  [
    `${NOTE_MARK} Your answer was not sent, because these claims in it are not true:`,
    ...claims.slice(0, 10).map(({ text, promises, schedules }) => {
      const untrue = (ids: readonly number[], what: string): string =>
        ids.length === 0 ? '' : ` (${ids.map((id) => `#${id}`).join(', ')} is no ${what} that stands in this chat)`;
      return `- “${excerpt(text, 300)}”${untrue(promises, 'promise')}${untrue(schedules, 'schedule')}`;
    }),
    canPromise
      ? 'Nothing is done after your answer unless it is promised. Call make_promise now for what is to be done, and give the number that it returns; or answer again, and say plainly what is done and what is not. If you mean a promise that was made before, give its number.'
      : 'Nothing is done after your answer: do now what you can do with your tools, then answer again, and say plainly what is done and what is not.',
    'Your new answer takes the place of the old one: make it whole, and do not mention this note.',
  ].join('\n');

/** What the model is told when its answer brings no result to the promise that it works on. */
export const noResultNote = (failureTool: string): string =>
  [
    `${NOTE_MARK} Your answer was not sent: it seems to bring no result, as nothing was done, or no call of a tool has worked.`,
    `Do the task now, if you can. If you can't, call ${failureTool} with the reason: a promise that was not kept must not pass for one that was. If it is done, answer again, and say what the result is.`,
    'Your new answer takes the place of the old one: make it whole, and do not mention this note.',
  ].join('\n');

/** Whether a step of a conversation is a note of Kept's own. */
export const isSentBackNote = (text: string): boolean => text.startsWith(NOTE_MARK);

/** What the newest answer claims. The gate asks several things of one answer, and reads it once. */
let newest: { readonly text: string; readonly claims: readonly Claim[] } | undefined;

/** Every sentence that claims something, with what it claims; nothing is known yet of what stands behind it. */
const claimsOf = (text: string): readonly Claim[] => {
  if (newest?.text !== text) newest = { text, claims: readClaims(text) };
  return newest.claims;
};

const readClaims = (text: string): readonly Claim[] => {
  const claims: Claim[] = [];
  // From the last to the first: what is announced is a claim when nothing follows it but claims.
  let nothingFollows = true;
  for (const sentence of sentencesOf(text).toReversed()) {
    const claim = claimIn(sentence, text, nothingFollows);
    if (claim) claims.push(claim);
    else nothingFollows = false;
  }
  return claims.toReversed();
};

/** Letters beyond Latin ones without accents. */
const MAY_DECEIVE = /[^\P{L}a-z]/u;

/** `on it` is a claim, and no shorter words are. */
const SHORTEST_CLAIM = 5;

/** A sentence is read as it is, and as it looks: letters of one script may stand in words of another. */
const claimIn = (sentence: Sentence, text: string, nothingFollows: boolean): Claim | undefined => {
  const { words } = sentence;
  if (words.length < SHORTEST_CLAIM) return undefined;
  const looks = MAY_DECEIVE.test(words) ? new Set([words, inLatin(words), inCyrillic(words)]) : [words];
  for (const look of looks) {
    const claim = claimInWords({ ...sentence, words: look }, text, nothingFollows);
    if (claim) return claim;
  }
  return undefined;
};

const claimInWords = ({ start, end, words: said }: Sentence, text: string, nothingFollows: boolean): Claim | undefined => {
  const { lexica, claimable, nameable, numbered } = claimPatterns();
  const words = withNumbers(said, numbered);
  // Most sentences of a long answer end here: each pattern is tried only where it can match.
  const mayName = nameable.test(words);
  if (!mayName && !claimable.test(words)) return undefined;
  // A question claims nothing, and neither does what hangs on somebody else.
  if (words.slice(-4).includes('?') || lexica.some(({ unless }) => unless.test(words))) return undefined;
  const claim = { start, end, text: text.slice(start, end) };
  for (const { language, always, work, last, promise, schedule, denial, ended } of lexica) {
    const named = (pattern: RegExp): PromiseId[] =>
      !mayName || denial.test(words)
        ? []
        : [...words.matchAll(pattern)].flatMap(([numbers]) => numbersIn(numbers, /\d+/g)).slice(0, MAX_NUMBERS);
    const promises = named(promise);
    const schedules = named(schedule).map((id) => Number(id) as ScheduleId);
    const announced = work.exec(words) ?? (nothingFollows ? last.exec(words) : null);
    const followsAtOnce = announced !== null && /:(?: |$)/.test(words.slice(announced.index));
    const claimsWork = always.test(words) || (announced !== null && !followsAtOnce);
    if (claimsWork || promises.length > 0 || schedules.length > 0)
      return { ...claim, work: claimsWork, promises, schedules, ended: ended.test(words), language };
  }
  return undefined;
};

/** `promise nine` and `promise no. 9` as `promise #9`. */
const withNumbers = (words: string, numbered: RegExp): string => {
  const digits = words.replace(SPELLED, (_, before: string, number: string) => before + (SMALL.indexOf(number) + 1));
  return /\d/.test(digits) ? digits.replace(numbered, '$1 #') : digits;
};
const SMALL = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const SPELLED = new RegExp(`((?:promise|schedule) (?:number )?#?)(${SMALL.join('|')})(?= )`, 'g');

const numbersIn = (text: string, pattern = /(?<=#)\d+/g): PromiseId[] =>
  [...text.matchAll(pattern)].flatMap(([digits]) => (digits.length <= 15 && Number(digits) > 0 ? [Number(digits) as PromiseId] : []));
