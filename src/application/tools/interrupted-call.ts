import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { Tool, ToolContext, ToolOutcome } from '../../ports/tool.ts';
import { untilAborted } from '../loops/timers.ts';
import { MAX_OUTPUT_LENGTH } from './call-tool.ts';
import { redactBeginning } from './redact-beginning.ts';

/**
 * Asks a tool what became of a call during which the process ended. Resolves to `unknown` where the tool can't say, or
 * does not say it in time. Rejects as soon as the run's signal aborts.
 */
export type AskOutcome = (
  tool: Tool | undefined,
  input: unknown,
  context: ToolContext & { readonly callKey: string },
) => Promise<ToolOutcome | 'not-run' | 'unknown'>;

export const makeAskOutcome =
  ({ clock, events, redact }: { readonly clock: Clock; readonly events: Events; readonly redact: Redact }): AskOutcome =>
  async (tool, input, context) => {
    if (!tool?.outcomeOf) return 'unknown';
    const overtime = new AbortController();
    const signal = AbortSignal.any([context.signal, overtime.signal]);
    const cancel = clock.after(tool.timeoutMs, () => overtime.abort());
    try {
      const ignored = (): void => events.emit({ type: 'tool-ignored-abort', tool: tool.name, chatId: context.chatId });
      const became = await untilAborted(tool.outcomeOf(input, { ...context, signal }), signal, clock, ignored);
      if (typeof became === 'string') return became;
      const { output, isError, isUnknown, provenance } = became;
      return { output: redactBeginning(redact, output, MAX_OUTPUT_LENGTH), isError, ...present({ isUnknown, provenance }) };
    } catch (error) {
      if (context.signal.aborted) throw error;
      if (!overtime.signal.aborted && !isPortError(error)) events.emit({ type: 'tool-crashed', tool: tool.name, error });
      return 'unknown';
    } finally {
      cancel();
    }
  };
