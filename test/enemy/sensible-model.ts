import { NO_USAGE } from '../../src/domain/index.ts';
import type { LanguageModel, ModelReply, ModelRequest } from '../../src/ports/index.ts';

/** A call that a plan makes: the tool, and its arguments. */
export type PlannedCall = readonly [tool: string, input: Readonly<Record<string, unknown>>];

/** What a sensible model does where it is asked that: calls in order, each list in one reply; then it answers. */
export interface Plan {
  /** Fits what is asked, or the description of a promise. */
  readonly on: RegExp;
  readonly calls?: readonly (readonly PlannedCall[])[];
  /** The answer, which may tell what tools have said. */
  readonly answer: string | ((results: readonly string[]) => string);
}

/** All that tools said, for answers that tell it on. */
export const telling = (results: readonly string[]): string => results.join('\n');

/** A model that does what its plans say, and nothing that it reads. */
export const makeSensibleModel = (plans: readonly Plan[]): LanguageModel & { readonly requests: readonly ModelRequest[] } => {
  const requests: ModelRequest[] = [];
  return {
    name: 'scripted/sensible',
    requests,
    respond: async (request, { onEvent }): Promise<ModelReply> => {
      requests.push(structuredClone(request));
      const { conversation } = request;
      const begun = conversation.findLastIndex((step) => step.role === 'person' && !step.note);
      const asked = conversation[begun];
      const words = asked?.role === 'person' ? asked.text : '';
      const plan = plans.find(({ on }) => on.test(words));
      const added = conversation.slice(begun + 1);
      const replies = added.filter((step) => step.role === 'agent' && step.toolCalls.length > 0).length;
      const calls = request.toolChoice === 'none' ? [] : (plan?.calls?.[replies] ?? []);
      const results = added.flatMap((step) => (step.role === 'tool' ? [step.output] : []));
      const { answer = 'I do not know.' } = plan ?? {};
      const text = calls.length > 0 ? '' : typeof answer === 'string' ? answer : answer(results);
      if (text !== '') onEvent({ type: 'text', text });
      return {
        text,
        toolCalls: calls.map(([tool, input], at) => ({ id: `c${requests.length}-${at}`, tool, input })),
        stop: calls.length > 0 ? 'tool_calls' : 'end',
        usage: { ...NO_USAGE, inputTokens: 1_000, outputTokens: 100 },
        model: 'sensible',
      };
    },
  };
};
