import type { Claim } from '../promise/gate.ts';
import { fold } from '../promise/prose.ts';
import { type Deed, isLook } from './deed.ts';
import { deedPatterns } from './deed-patterns.ts';
import { type ClaimedDeed, type DeedClaim, deedsClaimed, withAccents } from './deeds.ts';

/** A call that has worked. */
export interface Receipt {
  readonly deeds: ReadonlySet<Deed>;
  /** What it was asked and what it returned. */
  readonly words: string;
}

/** What stands behind an answer. */
export interface DeedBacking {
  /** What was done in this run, or in an earlier one for the same promise. */
  readonly done: readonly Receipt[];
  /** What was done in earlier turns, as the conversation shows. */
  readonly earlier: readonly Receipt[];
  /** What the agent said before this run. */
  readonly said: readonly string[];
  /** What people said, the newest last. */
  readonly heard: readonly string[];
  /** People have sent files or long texts, which can be looked through without a tool. */
  readonly showsFiles: boolean;
}

/** The claims of an answer that no receipt stands behind, each with the deeds that have none. */
export const falseDeeds = (text: string, backing: DeedBacking): readonly DeedClaim[] =>
  deedsClaimed(text).flatMap((claim) => {
    const claimed = claim.claimed.filter((deed) => !isBacked(deed, claim, backing));
    return claimed.length > 0 ? [{ ...claim, claimed }] : [];
  });

const has = (receipts: readonly Receipt[], { deeds }: ClaimedDeed): readonly Receipt[] =>
  receipts.filter((receipt) => deeds.some((deed) => receipt.deeds.has(deed)));

const isBacked = (claimed: ClaimedDeed, claim: DeedClaim, backing: DeedBacking): boolean => {
  if (has(backing.done, claimed).length > 0) return true;
  const [look] = claimed.deeds;
  if (look !== undefined && isLook(look)) return has(backing.earlier, claimed).length > 0 || (look !== 'notion' && backing.showsFiles);
  if (claimed.voice === 'state' && backing.done.length + backing.earlier.length > 0) return true;
  if (claimed.voice !== 'doer' && isReported(claimed, backing)) return true;
  return isTold(claimed, claim, backing);
};

/** What a report is looked for in: at most so much of each text. */
const MAX_READ = 20_000;

/** How many of the agent's earlier answers are looked at. */
const MAX_SAID = 30;

/** A tool has returned it, or a person has said it: its verb stands in their words. */
const isReported = ({ verb }: ClaimedDeed, { done, earlier, heard }: DeedBacking): boolean =>
  [...[...done, ...earlier].map(({ words }) => words), ...heard.filter((text) => !text.trimEnd().endsWith('?'))].some((text) =>
    ` ${fold(text.slice(0, MAX_READ))}`.includes(` ${fold(verb)}`),
  );

/** It was done before, and the answer only tells of it again. */
const isTold = (claimed: ClaimedDeed, claim: DeedClaim, { earlier, said, heard }: DeedBacking): boolean => {
  const receipts = has(earlier, claimed);
  const words = [
    ...receipts.map((receipt) => receipt.words),
    ...said
      .slice(-MAX_SAID)
      .map((text) => text.slice(0, MAX_READ))
      .filter((text) =>
        deedsClaimed(text).some((each) => each.claimed.some(({ deeds }) => deeds.some((deed) => claimed.deeds.includes(deed)))),
      ),
  ];
  if (words.length === 0) return false;
  const asked = heard.at(-1) ?? '';
  const specifics = specificsOf(claim.text);
  const known = words.map((text) => fold(text.slice(0, MAX_READ))).join('\n');
  const areKnown = specifics.every((each) => known.includes(each) || fold(asked).includes(each));
  return areKnown && (claim.isRetold || specifics.some((each) => known.includes(each)) || asksWhether(asked));
};

const asksWhether = (asked: string): boolean =>
  asked.trimEnd().endsWith('?') &&
  deedPatterns().some((patterns) => patterns.asksWhether.test(withAccents(asked)) || patterns.asksWhether.test(fold(asked)));

/** Numbers, ids and addresses: what a deed that is new would have of its own. */
const specificsOf = (text: string): readonly string[] =>
  [...fold(text.slice(0, 2_000)).matchAll(/[\p{L}\p{N}#/_.-]*\p{N}[\p{L}\p{N}/_-]*/gu)].map(([found]) => found).slice(0, 20);

/** `I have scheduled…` is no claim of work to come, where a tool did that and nothing else is announced. */
export const withoutDone = (claims: readonly Claim[], text: string, backing: Pick<DeedBacking, 'done'>): readonly Claim[] =>
  claims.filter((claim) => {
    if (claim.promises.length > 0 || claim.schedules.length > 0) return true;
    const deed = deedsClaimed(text).find(({ start }) => start === claim.start);
    const isDone = deed?.claimed.every((each) => each.deeds.some((name) => SCHEDULES.has(name)) && has(backing.done, each).length > 0);
    return !isDone || ANNOUNCES.test(fold(claim.text));
  });

const SCHEDULES: ReadonlySet<Deed> = new Set<Deed>(['schedule', 'create', 'run']);
const ANNOUNCES = /'ll |will |shall |going to |get back|report|follow|update you|let you know|background/;
