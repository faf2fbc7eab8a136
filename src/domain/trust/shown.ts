import type { ConversationStep } from '../conversation/conversation.ts';
import { isPlain, joined, NO_PROVENANCE, OWN_WORDS, type Provenance, provenanceByTool, type TrustLabel, UNKNOWN } from './labels.ts';
import { MOST_CHOICES, makeSaidWords, type SaidWords } from './said-words.ts';

/** A live view of what a run was shown so far, by the models that it asked. */
export interface Shown {
  /** Where all of it comes from. */
  provenance(): Provenance;
  /** The MCP servers whose words stand in the descriptions of the run's tools. */
  readonly declared: readonly TrustLabel[];
  /** The words of trusted people, and of what comes from these alone: to repeat them carries nothing out. */
  saidWords(): SaidWords;
  /** Whether a call may still go out with so many free choices. */
  couldChoose(choices: number): boolean;
  /** Counts a call that goes out with so many free choices, where the run may still have it so. */
  mayChoose(choices: number): boolean;
  /** How much of that is used up, for whoever goes on with the run. */
  chosen(): number;
}

/**
 * Where a step comes from: its own words, what it quotes, its files. What models and tools said before labels were is
 * of an unknown source, unless the tool's name tells.
 */
export const provenanceOfStep = (step: ConversationStep): Provenance => {
  switch (step.role) {
    case 'person':
      return joined([step.provenance, provenanceOfReplied(step), step.media?.length ? { labels: ['file'], isPrivate: true } : undefined]);
    case 'agent':
      return joined([step.provenance ?? UNKNOWN, OWN_WORDS]);
    case 'tool':
      return step.provenance ?? provenanceByTool(step.tool) ?? UNKNOWN;
  }
};

/** As `provenanceOfStep`, where nobody has looked up who said what was stored before labels were. */
export const provenanceOfStored = (step: ConversationStep): Provenance =>
  step.role === 'person' && !step.provenance && !step.note ? joined([UNKNOWN, provenanceOfStep(step)]) : provenanceOfStep(step);

type PersonStep = Extract<ConversationStep, { role: 'person' }>;

/** What is quoted may be anybody's, where nobody knows whose it is. */
const provenanceOfReplied = ({ replied }: PersonStep): Provenance | undefined =>
  replied && (replied.text !== undefined || replied.quote !== undefined)
    ? (replied.provenance ?? (replied.isOurs ? OWN_WORDS : { labels: ['guest'] }))
    : undefined;

/**
 * The words of a step that carry nothing out: none of what was only overheard, and none of a model's where it may have
 * them from how a server describes its tools.
 */
const saidIn = (step: ConversationStep, isDescribed: boolean): readonly string[] => {
  if (step.role === 'tool' || !step.provenance || !isPlain(step.provenance)) return [];
  if (isDescribed && (step.role === 'agent' || step.provenance.labels.includes('agent'))) return [];
  return step.role === 'person' && step.overheard ? [] : [step.text];
};

export interface ShownSteps extends Shown {
  /** Adds what the run's next request shows. */
  add(steps: readonly ConversationStep[]): void;
}

/**
 * What a run is shown: first this conversation. `said` is what trusted people said beyond it. `chosen`:
 * what an earlier process of the run has used up of its choices. What is left out of a request, because a model refuses
 * so much, counts as shown.
 */
export const makeShown = (
  conversation: readonly ConversationStep[],
  {
    declared = [],
    said = [],
    chosen: before = 0,
  }: { readonly declared?: readonly TrustLabel[]; readonly said?: readonly string[]; readonly chosen?: number } = {},
): ShownSteps => {
  let provenance = NO_PROVENANCE;
  let texts = said;
  let words: SaidWords | undefined;
  let chosen = before;
  const add = (steps: readonly ConversationStep[]): void => {
    provenance = joined([provenance, ...steps.map(provenanceOfStep)]);
    texts = [...texts, ...steps.flatMap((step) => saidIn(step, declared.length > 0))];
    words = undefined;
  };
  const couldChoose = (choices: number): boolean => chosen + choices + 1 <= MOST_CHOICES;
  add(conversation);
  return {
    declared,
    provenance: () => provenance,
    saidWords: () => {
      words ??= makeSaidWords(texts);
      return words;
    },
    couldChoose,
    mayChoose: (choices) => {
      if (!couldChoose(choices)) return false;
      chosen += choices + 1;
      return true;
    },
    chosen: () => chosen,
    add,
  };
};

/** What a model writes, once it was shown that; undefined where no model writes it. */
export const writtenBy = (shown: Pick<Shown, 'provenance'> | undefined): Provenance | undefined =>
  shown && joined([shown.provenance(), { labels: ['agent'] }]);
