import { type ConversationStep, stepFields } from '../../domain/conversation/conversation.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;

/**
 * What models may attach to the steps of one run, in UTF-16 units of JSON. More would fill the window of the model that
 * attached it: then all of it is left out, for to leave out a part is what models refuse.
 */
const MAX_ATTACHED_LENGTH = 1_000_000;

/** What a run has added to its conversation. */
export const makeRunSteps = () => {
  let steps: readonly ConversationStep[] = [];
  let length = 0;
  let attachedLength = 0;
  return {
    steps: (): readonly ConversationStep[] => steps,
    /** In UTF-16 units of JSON, without what models attached. */
    length: (): number => length,
    add(said: AgentStep, results: readonly ConversationStep[]): void {
      attachedLength += said.attached === undefined ? 0 : JSON.stringify(said.attached.content).length;
      length += JSON.stringify([{ ...said, attached: undefined }, ...results]).length;
      steps = [...steps, said, ...results];
      if (attachedLength > MAX_ATTACHED_LENGTH) steps = steps.map(stepFields);
    },
  };
};
