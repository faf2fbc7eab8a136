import { present } from '../shared/present.ts';
import { isPrivateSource, isUntrusted, labelsInWords, type Provenance, type TrustLabel } from './labels.ts';
import type { Shown } from './shown.ts';

/** What the rules know of a call. */
export interface JudgedCall {
  readonly tool: string;
  readonly acts: boolean;
  readonly sendsOut: boolean;
  /** Where the tool's output comes from. */
  readonly source?: TrustLabel;
  /** The operator has listed it as safe to act without an approval. */
  readonly isListedSafe: boolean;
  /** Whoever offers it says that it changes nothing. */
  readonly isSaidToRead?: true;
  /** A message is answered: nobody can approve a call in there. */
  readonly inTurn: boolean;
  readonly input: unknown;
  /** JSON Schema of the input. */
  readonly inputSchema?: Readonly<Record<string, unknown>>;
}

/** One of the three that must not come together: private data, what others wrote, and a way out. */
export const LEGS = ['private data', 'untrusted content', 'a way out'] as const;
export type Leg = (typeof LEGS)[number];

/** What becomes of a call: see `CallVerdict`. */
export type TrustVerdict =
  | ({ readonly kind: 'run' } & Choosing)
  | ({
      readonly kind: 'ask' | 'refuse';
      readonly reason: string;
      /** Which of the three legs is taken away by that; the event `leg-removed` tells of it. */
      readonly leg?: Leg;
      /** Each call is asked about: no standing approval helps. */
      readonly isFirm?: true;
      /** A standing approval helps where it was given with a card that showed this label. */
      readonly ledBy?: TrustLabel;
    } & Choosing);

interface Choosing {
  /** How much it chooses freely, which whoever lets it run without a person's yes to it counts: `Shown.mayChoose`. */
  readonly choices?: number;
}

const RUN: TrustVerdict = { kind: 'run' };

/**
 * What the labels say about a call:
 * - An acting call in a run that was shown what others wrote asks, whatever list names it. What a server gave itself
 *   does not count against its own tools that the operator listed as safe, or that an owner has approved for a time
 *   with a card that showed it. A listed one whose server says that it only reads is taken at its word.
 * - Private data, what others wrote and a way out come together in no run without an approval: the call that would send
 *   something out asks, or is refused where nobody can be asked. It runs where each of its words was said by trusted
 *   people, as far as a run may choose among these.
 */
export const judgeTrust = (call: JudgedCall, shown: Shown | undefined): TrustVerdict => {
  let choices: number | undefined;
  const tellsNothing = (): boolean => {
    choices ??= shown && freeChoices(call, shown);
    return choices !== undefined;
  };
  const verdict = judgeAs(call, call.isListedSafe, shown, tellsNothing);
  if (verdict.kind === 'run') return { ...verdict, ...present({ choices }) };
  const mayStand = verdict.kind === 'ask' && call.acts && !call.isListedSafe;
  if (!mayStand || judgeAs(call, true, shown, tellsNothing).kind !== 'run') return { ...verdict, isFirm: true };
  const ledBy = shown?.provenance().labels.find((label) => label === call.source);
  return { ...verdict, ...present({ ledBy, choices }) };
};

type TellsNothing = () => boolean;

/** `isTrusted`: the operator or an owner has said yes to the tool, so that words of its own server may lead to it. */
const judgeAs = (call: JudgedCall, isTrusted: boolean, shown: Shown | undefined, tellsNothing: TellsNothing): TrustVerdict => {
  const legs = judgeLegs(call, isTrusted, shown, tellsNothing);
  if (legs.kind !== 'run') return legs;
  if (!call.acts || (call.isListedSafe && call.isSaidToRead)) return RUN;
  if (!shown) return { kind: 'ask', reason: 'It is not known what led to this call.' };
  const untrusted = others(shown.provenance().labels.filter(isUntrusted), call, isTrusted);
  if (untrusted.length > 0) return { kind: 'ask', reason: ledToBy(untrusted) };
  // Descriptions stand in every run that is offered the tools: what people said is not led to by them.
  const declared = shown.declared.filter((label) => label !== call.source);
  return declared.length === 0 || tellsNothing() ? RUN : { kind: 'ask', reason: ledToBy(declared) };
};

/** How much it chooses beside words of trusted people; undefined where that is more than the run may still choose. */
const freeChoices = ({ input, inputSchema }: JudgedCall, shown: Shown): number | undefined => {
  const choices = shown.saidWords().choices(input, inputSchema);
  return choices !== undefined && shown.couldChoose(choices) ? choices : undefined;
};

const judgeLegs = (call: JudgedCall, isTrusted: boolean, shown: Shown | undefined, tellsNothing: TellsNothing): TrustVerdict => {
  if (!call.sendsOut || !shown) return RUN;
  const { labels, isPrivate } = shown.provenance();
  const secret = others(labels.filter(isPrivateSource), call, isTrusted);
  const untrusted = [...new Set([...labels.filter(isUntrusted), ...shown.declared])];
  if ((secret.length === 0 && !isPrivate) || untrusted.length === 0) return RUN;
  if (tellsNothing()) return RUN;
  const known = labelsInWords(secret, labels.includes('file') ? 'files or what is remembered here' : 'what is remembered here');
  if (call.inTurn && !call.acts)
    return {
      kind: 'refuse',
      reason: `this run was shown ${known}, which only this place may know, and ${labelsInWords(untrusted)}, which people here did not write: nothing but words of the people here may be sent out now. Call it again with no other words than theirs, or make a promise of it, so that a person can approve.`,
      leg: 'a way out',
    };
  const sendsOut = `It would send something out after this run was shown ${known}, which only this place may know.`;
  return { kind: 'ask', reason: `${ledToBy(untrusted)} ${sendsOut}`, leg: 'a way out' };
};

/** What a server gave is no secret to it, and no stranger's word to a tool of it that somebody entitled has allowed. */
const others = (labels: readonly TrustLabel[], { source }: JudgedCall, isTrusted: boolean): readonly TrustLabel[] =>
  isTrusted && source?.startsWith('mcp:') ? labels.filter((label) => label !== source) : labels;

/**
 * Why code that is changed for these words asks; undefined where it need not. Files do not count: a coding agent reads
 * them itself, in the same directory.
 */
export const whyCodingAsks = (provenance: Provenance | undefined): string | undefined => {
  const untrusted = provenance?.labels.filter((label) => isUntrusted(label) && label !== 'file') ?? [];
  return untrusted.length === 0 ? undefined : ledToBy(untrusted);
};

/** For people who are asked to approve. */
const ledToBy = (untrusted: readonly TrustLabel[]): string =>
  `This was led to by ${labelsInWords(untrusted)}, which people here did not write${READ_TWICE}.`;

/** How a reason warns. What warns beside it takes this away. */
export const READ_TWICE = ': read it twice';
