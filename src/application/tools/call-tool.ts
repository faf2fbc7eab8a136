import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import type { Scope } from '../../domain/workspace/policy.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError, reasonOf } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import { untilAborted } from '../loops/timers.ts';
import { argumentsRefusal } from './call-arguments.ts';
import { redactBeginning } from './redact-beginning.ts';

/** The longest output of one call, in UTF-16 units, whatever its tool says. */
export const MAX_OUTPUT_LENGTH = 50_000;
const MAX_NAME_LENGTH = 100;

export interface ToolRequest {
  readonly name: string;
  readonly input: unknown;
  /** The tools that the caller is offered; see `ToolCatalog`. */
  readonly offered: readonly Tool[];
  readonly context: ToolContext;
  /** Called when the tool is about to run; it begins once what this returns has resolved. */
  readonly onBegin?: (tool: Tool) => void | Promise<void>;
}

/** Whether configuration lets a tool act here without an approval. It is not asked while a message is answered. */
export type MayAct = (tool: Tool, context: ToolContext) => boolean;

/**
 * Calls a tool, and resolves to what it said: redacted, and bounded. This is the only way to a tool. A call is refused
 * in words that let a model do better: a tool that is not offered, arguments that are too large, an effect that is not
 * allowed here. What its arguments mean, a tool checks by itself. A tool that takes longer than its `timeoutMs` is
 * aborted.
 *
 * Rejects as soon as `context.signal` aborts, and, outside of a turn, with the PortError `could-not` of a tool. Every
 * other failure of a tool becomes words.
 */
export type CallTool = (request: ToolRequest) => Promise<ToolOutcome>;

export const makeCallTool = (deps: {
  readonly clock: Clock;
  readonly events: Events;
  readonly redact: Redact;
  /** Default: nothing may act. */
  readonly mayAct?: MayAct | undefined;
}): CallTool => {
  const { clock, events, redact, mayAct = () => false } = deps;

  const tellOperator = ({ name }: Tool, { chatId }: ToolContext, error: unknown): void => {
    if (!isPortError(error) || error.help === undefined) return;
    events.emit({ type: 'tool-needs-operator', tool: name, chatId, reason: redact(reasonOf(error)), help: redact(error.help) });
  };

  const run = async (tool: Tool, { input, context }: ToolRequest): Promise<ToolOutcome> => {
    const overtime = new AbortController();
    const signal = AbortSignal.any([context.signal, overtime.signal]);
    const cancel = clock.after(tool.timeoutMs, () => overtime.abort());
    try {
      const ignored = (): void => events.emit({ type: 'tool-ignored-abort', tool: tool.name, chatId: context.chatId });
      return await untilAborted(tool.run(input, { ...context, signal }), overtime.signal, clock, ignored);
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (overtime.signal.aborted)
        return failed(`${tool.name} took longer than ${seconds(tool.timeoutMs)} and was ended. It may have done a part of its work.`);
      tellOperator(tool, context, error);
      if (context.draft === undefined && isPortError(error) && error.code === 'could-not') throw error;
      if (!isPortError(error)) events.emit({ type: 'tool-crashed', tool: tool.name, error });
      return failed(`${tool.name} failed: ${reasonOf(error)}`);
    } finally {
      cancel();
    }
  };

  const outcomeOf = async (request: ToolRequest): Promise<ToolOutcome> => {
    const tool = request.offered.find(({ name }) => name === request.name);
    const refusal = tool ? refusalOf(tool, request, mayAct) : noSuchTool(request);
    if (!tool || refusal !== undefined) return failed(refusal ?? '');
    const ready = request.onBegin?.(tool);
    if (ready) await ready;
    return run(tool, request);
  };

  return async (request) => {
    const startedAt = clock.now();
    const { output, isError, provenance } = await outcomeOf(request);
    const told = redactBeginning(redact, output, MAX_OUTPUT_LENGTH);
    events.emit({
      type: 'tool-called',
      tool: excerpt(redact(excerpt(request.name, MAX_NAME_LENGTH)), MAX_NAME_LENGTH),
      chatId: request.context.chatId,
      isError,
      durationMs: clock.now() - startedAt,
    });
    return { output: told, isError, ...present({ provenance }) };
  };
};

/** Why a tool that is offered may not run now; undefined where it may. */
const refusalOf = (tool: Tool, { input, context, offered }: ToolRequest, mayAct: MayAct): string | undefined => {
  const notRun = `${tool.name} was not run:`;
  const unreadable = argumentsRefusal(input);
  if (unreadable !== undefined) return `${notRun} ${unreadable}.`;
  switch (tool.effect) {
    case 'reads':
      return undefined;
    case 'decides':
      return context.draft ? undefined : `${notRun} it decides something, which is only possible in an answer to a message.`;
    case 'acts': {
      const isAllowed = mayAct(tool, context);
      if (!context.draft)
        return isAllowed
          ? undefined
          : `${notRun} it needs a person's approval, and nobody can give it in this run.${howToAllow(tool.name, context.scope)}`;
      // A promise is refused, too, where configuration does not allow the tool.
      const inPromises = isAllowed ? '' : howToAllow(tool.name, context.scope, ' in promises');
      return `${notRun} it acts at once, and nothing may act while a message is answered. ${insteadOfActing(offered)}${inPromises}`;
    }
  }
};

/** Where configuration can say that a tool of an MCP server is safe; `where` names the runs, if not this one. */
const howToAllow = (tool: string, { workspace }: Scope, where = ''): string => {
  if (!tool.startsWith('mcp__')) return '';
  const place = workspace === undefined ? 'dm_whitelist' : `the workspace ${JSON.stringify(workspace)}`;
  return ` Whoever runs Kept can allow it${where}: "mcp_safe_tools" of ${place} in workspace_config.json may name it.`;
};

const insteadOfActing = (offered: readonly Tool[]): string =>
  offered.some(({ name }) => name === 'make_promise')
    ? 'Make a promise of it (make_promise), or say what a person has to do.'
    : 'Say what a person has to do.';

const noSuchTool = ({ name, offered }: ToolRequest): string =>
  `There is no tool named ${excerpt(name, MAX_NAME_LENGTH)} here. Available: ${offered.map((tool) => tool.name).join(', ') || 'none'}.`;

const failed = (output: string): ToolOutcome => ({ output, isError: true });
const seconds = (ms: number): string => `${Math.ceil(ms / 1000)} s`;
