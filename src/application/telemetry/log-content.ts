import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { excerpt } from '../../domain/shared/excerpt.ts';
import type { ContentListener, ModelContent } from '../../ports/content.ts';
import type { Logger } from '../../ports/logger.ts';
import { type Redact, redactedJson } from '../../ports/redact.ts';

/** Which contents the operator lets into the log. */
export interface LoggedContents {
  readonly agentInputs: boolean;
  readonly agentOutputs: boolean;
  readonly toolCalls: boolean;
  readonly apiRequests: boolean;
}

/** The longest text of one part, in UTF-16 units, and how many steps of a conversation stand in a line. */
const MAX_TEXT = 2_000;
const MAX_STEPS = 8;

/** Writes what was said into the log, at level `debug`, redacted and cut. Undefined where it may hold nothing of it. */
export const makeLogContent = ({
  logger,
  redact,
  logs,
}: {
  readonly logger: Logger;
  readonly redact: Redact;
  readonly logs: LoggedContents;
}): ContentListener | undefined => {
  if (!Object.values(logs).some(Boolean)) return undefined;
  const [agents, tools, models] = [logger.child('agents'), logger.child('tools'), logger.child('models')];
  const text = (raw: string): string => excerpt(redact(raw), MAX_TEXT);
  const json = (value: unknown): string => excerpt(redactedJson(value, redact), MAX_TEXT);
  const call = ({ tool, input }: { readonly tool: string; readonly input: unknown }) => ({ tool: text(tool), input: json(input) });
  const step = (each: ConversationStep) => {
    if (each.role === 'person') return { role: each.role, name: text(each.name), text: text(each.text) };
    if (each.role === 'agent') return { role: each.role, text: text(each.text), toolCalls: each.toolCalls.slice(0, MAX_STEPS).map(call) };
    return { role: each.role, tool: text(each.tool), output: text(each.output) };
  };
  const steps = (all: readonly ConversationStep[]) => ({ steps: all.length, last: all.slice(-MAX_STEPS).map(step) });

  const onModel = ({ agent, instructions, asked, replied }: ModelContent): void => {
    // What comes after the outcome of a tool is a further step of the same run.
    if (logs.agentInputs && asked.at(-1)?.role !== 'tool')
      agents.debug({ agent, instructions: text(instructions), ...steps(asked) }, 'what an agent was asked');
    const request = { instructions: text(instructions), ...steps(asked) };
    if ('failed' in replied) {
      const { failed, reason } = replied;
      if (logs.apiRequests) models.debug({ agent, request, failed, reason: text(reason) }, 'a request that no model answered');
      return;
    }
    const reply = { model: replied.model, stop: replied.stop, text: text(replied.text) };
    if (logs.apiRequests)
      models.debug(
        {
          agent,
          request,
          reply: { ...reply, toolCalls: replied.toolCalls.slice(0, MAX_STEPS).map(call) },
        },
        'a request to a model, and its reply',
      );
    if (logs.agentOutputs && replied.stop !== 'tool_calls') agents.debug({ agent, ...reply }, 'what an agent answered');
  };

  return (content) => {
    if (content.type === 'model-content') onModel(content);
    else if (logs.toolCalls)
      tools.debug({ ...call(content), output: text(content.output), outcome: content.outcome }, 'a call of a tool, and what it said');
  };
};
