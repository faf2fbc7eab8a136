import { type Claim, claimsNothingElse, claimsTruth, NOTE_MARK, sentBackNote, withoutSentences } from '../promise/gate.ts';
import { excerpt } from '../shared/excerpt.ts';
import { type Deed, isLook } from './deed.ts';
import { type DeedClaim, deedsClaimed } from './deeds.ts';

/** The sentences of an answer that are not true: of work to come, and of deeds. */
export interface Untrue {
  readonly claims: readonly Claim[];
  readonly deeds: readonly DeedClaim[];
}

export const isTrue = ({ claims, deeds }: Untrue): boolean => claims.length + deeds.length === 0;

/** In the order of the answer; a sentence that is untrue in both ways stands once. */
const sentencesOf = ({ claims, deeds }: Untrue): readonly (Claim | DeedClaim)[] =>
  [...claims, ...deeds.filter(({ start }) => !claims.some((claim) => claim.start === start))].toSorted((a, b) => a.start - b.start);

/** The text without them: the truth, in words of their language, stands in place of the first. Never empty. */
export const withoutUntrue = (text: string, untrue: Untrue): string =>
  withoutSentences(text, sentencesOf(untrue), [...claimsTruth(untrue.claims), ...deedsTruth(text, untrue.deeds)].join(' '));

const deedsTruth = (text: string, deeds: readonly DeedClaim[]): readonly string[] => {
  const [first] = deeds;
  if (!first) return [];
  const acts = deeds.filter(({ claimed }) => claimed.some((each) => !isAboutLook(each.deeds)));
  const all = new Map(deedsClaimed(text).map(({ start, claimed }) => [start, claimed.length]));
  const isPart = acts.some(({ start, claimed }) => claimed.length < (all.get(start) ?? 0));
  return [
    ...(acts.length > 0 ? [isPart ? first.language.notAllDone : first.language.notDone] : []),
    ...(acts.length < deeds.length ? [first.language.notLooked] : []),
  ];
};

const isAboutLook = (deeds: readonly Deed[]): boolean => deeds.every(isLook);

/** Whether an answer says nothing beside them, courtesies aside. */
export const isAllUntrue = (text: string, untrue: Untrue): boolean => claimsNothingElse(text, sentencesOf(untrue));

/** What the model is told when its answer is sent back. */
export const untrueNote = (untrue: Untrue, canPromise: boolean): string => {
  const { claims, deeds } = untrue;
  if (deeds.length === 0) return sentBackNote(claims, canPromise);
  const told = deeds
    .slice(0, 10)
    .map(({ text, claimed }) => `- “${excerpt(text, 300)}” (${lacking(claimed.flatMap((each) => each.deeds))})`);
  return [
    ...(claims.length > 0
      ? [sentBackNote(claims, canPromise), 'These sentences say that something was done, and nothing shows it:']
      : [`${NOTE_MARK} Your answer was not sent, because these sentences in it say that something was done, and nothing shows it:`]),
    ...told,
    'What you say that you did needs a call of a tool that did it, and that has worked. Do it now, if you have a tool for it; or answer again, and say plainly what is done and what is not. A call that waits for an approval has done nothing yet.',
    ...(claims.length > 0 ? [] : ['Your new answer takes the place of the old one: make it whole, and do not mention this note.']),
  ].join('\n');
};

const lacking = (deeds: readonly Deed[]): string =>
  isAboutLook(deeds) ? `no tool of yours has looked there: ${namesOf(deeds)}` : `no tool of yours has done it: ${namesOf(deeds)}`;

const namesOf = (deeds: readonly Deed[]): string => [...new Set(deeds)].slice(0, 4).join(', ');
