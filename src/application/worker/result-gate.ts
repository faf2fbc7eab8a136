import type { Agent } from '../../domain/agent/agent.ts';
import { noteOf } from '../../domain/conversation/conversation.ts';
import { noResultNote } from '../../domain/promise/gate.ts';
import { saysNothing, saysOnlyThatItCouldNot } from '../../domain/promise/inability.ts';
import type { Events } from '../../ports/events.ts';
import { PortError } from '../../ports/port-error.ts';
import { together } from '../agents/promise-gate.ts';
import type { AgentRun, RunAgent } from '../agents/run-agent.ts';
import { reportedFailure, reportFailure } from '../tools/report-failure.ts';

/**
 * Runs an agent for a promise, so that a run that did nothing rejects with `could-not` and does not pass for a result.
 * The agent can say so itself, by `report_failure`. An answer that is empty, says only that it could not, or follows
 * tools that all failed is sent back, once.
 */
export const makeResultGate =
  (deps: { readonly runAgent: RunAgent; readonly events: Events }): RunAgent =>
  async (agent, asked) => {
    const run = { ...asked, tools: [...(asked.tools ?? []), reportFailure] };
    const first = await deps.runAgent(agent, run);
    const lacks = whatLacks(first, agent);
    if (lacks === undefined) return first;
    if (!MAY_DO_BETTER.has(lacks)) throw couldNot(lacks, first, agent);
    const facts = { chatId: run.context.chatId, agent: agent.name, lacks };
    deps.events.emit({ type: 'result-sent-back', ...facts });
    const note = noteOf(noResultNote(reportFailure.name));
    const second = await deps.runAgent(agent, { ...run, conversation: [...run.conversation, ...first.steps, note] });
    const stillLacks = whatLacks(second, agent);
    if (stillLacks !== undefined) throw couldNot(stillLacks, second, agent);
    return together(first, second);
  };

type Lack = NonNullable<AgentRun['unanswered']> | 'says-so' | 'says-nothing' | 'tools-failed' | 'call-in-words';

const MAY_DO_BETTER: ReadonlySet<Lack> = new Set<Lack>(['empty', 'says-so', 'says-nothing', 'tools-failed', 'call-in-words']);

/** A call of a tool that its server took for text: nothing was run, and nothing is said. */
const CALL_IN_WORDS =
  /^\s*(?:<tool_calls?>|<function_calls>|<function=|<\|tool_calls?(?:_section)?_begin\|>|<\|python_tag\|>|\[TOOL_CALLS\])/i;

const whatLacks = (run: AgentRun, agent: Agent): Lack | undefined => {
  if (run.unanswered) return run.unanswered;
  const calls = run.steps.filter((step) => step.role === 'tool');
  const haveWorked = calls.some(({ isError }) => !isError);
  const replies = run.steps.filter(({ role }) => role === 'agent');
  if (calls.length > 0 && !haveWorked && replies.length >= agent.limits.maxSteps) return 'out-of-steps';
  if (CALL_IN_WORDS.test(run.text)) return 'call-in-words';
  if (saysOnlyThatItCouldNot(run.text)) return 'says-so';
  if (!haveWorked && saysNothing(run.text)) return 'says-nothing';
  return calls.length > 0 && !haveWorked ? 'tools-failed' : undefined;
};

const couldNot = (lacks: Lack, { text }: AgentRun, { limits }: Agent): PortError => {
  const reasons: Readonly<Record<Lack, string>> = {
    refused: text,
    'says-so': text,
    'says-nothing': `Nothing was done for it, and its whole answer was: ${text}`,
    'tools-failed': `None of its calls of a tool has worked. Its answer: ${text}`,
    'call-in-words': 'The model wrote a call of a tool as text, which its server did not read as one.',
    empty: 'The model ended without a result.',
    'out-of-steps': `It used up its steps (${limits.maxSteps}) or its calls of tools, and came to no result.`,
    'only-deeds': 'It only claimed deeds that no tool did.',
    'only-claims': 'It only announced work to come, and did none.',
  };
  if (lacks === 'says-so') return reportedFailure(reasons[lacks], { retryable: false });
  return new PortError('could-not', reasons[lacks], { retryable: false });
};
