import type { ConversationStep } from '../../domain/conversation/conversation.ts';

type AgentStep = Extract<ConversationStep, { role: 'agent' }>;
type ToolMessage = Extract<ConversationStep, { role: 'tool' }>;

/** From so many failures of one call on, the model is told that it repeats itself. */
const TOLD_FROM = 3;

/**
 * The results of a reply's calls, where one that has failed in the same way before says so: some models repeat such a
 * call until their run is over. It goes by the steps of the run alone: a run that goes on after a crash says the same.
 */
export const tellRepeats = (
  before: readonly ConversationStep[],
  said: AgentStep,
  results: readonly ToolMessage[],
): readonly ToolMessage[] => {
  const failures = new Map<string, number>();
  const count = (call: string): number => {
    const times = (failures.get(call) ?? 0) + 1;
    failures.set(call, times);
    return times;
  };
  for (const { call, result } of exchangesIn(before)) if (result.isError) count(call);
  return results.map((result, at) => {
    const call = said.toolCalls[at];
    if (!call || !result.isError) return result;
    const times = count(nameOf(call));
    return times < TOLD_FROM ? result : { ...result, output: `${result.output}\n\n${noteOn(times)}` };
  });
};

const noteOn = (times: number): string =>
  `This call has failed ${times} times in this run, with the same arguments. It will fail again: change the arguments, take another way, or answer with what you have and say what is left undone.`;

const nameOf = ({ tool, input }: AgentStep['toolCalls'][number]): string => JSON.stringify([tool, input]);

/** Each call with its result: results stand behind their step, in the order of its calls. */
const exchangesIn = (steps: readonly ConversationStep[]) => {
  const exchanges: { readonly call: string; readonly result: ToolMessage }[] = [];
  let open: string[] = [];
  for (const step of steps) {
    if (step.role === 'agent') open = step.toolCalls.map(nameOf);
    if (step.role !== 'tool') continue;
    const call = open.shift();
    if (call !== undefined) exchanges.push({ call, result: step });
  }
  return exchanges;
};
