import { NO_USAGE, present } from '../domain/index.ts';
import { type LanguageModel, type ModelEvent, type ModelReply, type ModelRequest, PortError } from '../ports/index.ts';

/**
 * What a scripted model does with one request:
 * - a reply, whole or in part: what is left out is an ordinary end. Its text is streamed in pieces of `deltas`, else at
 * once;
 * - `error`: it rejects with that, after it streamed `deltas`;
 * - `hang`: it streams `deltas`, then nothing, until it is aborted.
 */
export type ScriptedStep =
  | (Partial<ModelReply> & { readonly deltas?: readonly string[]; readonly events?: readonly ModelEvent[] })
  | { readonly error: unknown; readonly deltas?: readonly string[] }
  | { readonly hang: true; readonly deltas?: readonly string[] };

export interface ScriptedModel extends LanguageModel {
  /** What it was asked, in order. */
  readonly requests: readonly ModelRequest[];
  /** Steps not yet played. */
  readonly remaining: number;
  /** Resolves once it has been asked `count` times in all. */
  untilAsked(count: number): Promise<void>;
}

/**
 * A model that plays `script`, one step for each request; a step may be a function of the request. Past the end it
 * rejects.
 */
export const makeScriptedModel = (
  script: readonly (ScriptedStep | ((request: ModelRequest) => ScriptedStep))[],
  name = 'scripted/scripted-1',
): ScriptedModel => {
  const requests: ModelRequest[] = [];
  const waiting = new Set<() => void>();
  return {
    name,
    requests,
    get remaining() {
      return Math.max(0, script.length - requests.length);
    },
    untilAsked: async (count) => {
      while (requests.length < count) await new Promise<void>((resolve) => waiting.add(resolve));
    },
    respond: async (request, { signal, onEvent }) => {
      const scripted = script[requests.length];
      requests.push(structuredClone(request));
      for (const resolve of waiting) resolve();
      waiting.clear();
      if (scripted === undefined)
        throw new PortError('invalid-request', `the script has no step for request ${requests.length}`, { retryable: false });
      if (signal.aborted) throw aborted();
      const step = typeof scripted === 'function' ? scripted(request) : scripted;
      for (const text of step.deltas ?? []) onEvent({ type: 'text', text });
      if ('hang' in step) return await untilAborted(signal);
      if ('error' in step) throw step.error;
      for (const event of step.events ?? []) onEvent(event);
      const { deltas, events: _, ...part } = step;
      const text = part.text ?? deltas?.join('') ?? '';
      if (!deltas && text !== '') onEvent({ type: 'text', text });
      const toolCalls = part.toolCalls ?? [];
      return {
        text,
        toolCalls,
        stop: toolCalls.length > 0 ? 'tool_calls' : 'end',
        usage: NO_USAGE,
        model: name.replace(/^.*\//, ''),
        ...present(part),
      };
    },
  };
};

const aborted = (): PortError => new PortError('aborted', 'the request was aborted', { retryable: false });

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const abort = (): void => reject(aborted());
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
