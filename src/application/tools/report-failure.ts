import { FAILURE_TOOL } from '../../domain/agent/steps-in-words.ts';
import { isPortError, PortError } from '../../ports/port-error.ts';
import { DEFAULT_TOOL_TIMEOUT_MS, type Tool } from '../../ports/tool.ts';

/**
 * How a model says that the promise that it works on can't be kept. Its call ends the run, whatever its input: see
 * `Tool`.
 */
export const reportFailure: Tool = {
  name: FAILURE_TOOL,
  description:
    'Ends this work as not done, with the reason; the chat is told that the promise could not be kept. Call it whenever the task was not done, and write no answer then.',
  inputSchema: {
    type: 'object',
    properties: {
      reason: { type: 'string', description: 'Why it could not be done, and what is missing, in words for the person who asked' },
      retryable: {
        type: 'boolean',
        description: 'Whether the same task may succeed when it is tried again in a minute; false when left out',
      },
    },
    required: ['reason'],
    additionalProperties: false,
  },
  effect: 'reads',
  activity: 'giving up',
  timeoutMs: DEFAULT_TOOL_TIMEOUT_MS,
  run: async (input) => {
    const { reason, retryable } = typeof input === 'object' && input !== null ? (input as Record<string, unknown>) : {};
    const words = typeof reason === 'string' ? reason.trim() : '';
    throw reportedFailure(words === '' ? 'No reason was given.' : words, { retryable: retryable === true });
  },
};

const MARK = Symbol('reported failure');

/** An agent says that its task can't be done: the promise is not kept, and nothing went wrong in saying so. */
export const reportedFailure = (words: string, options: { readonly retryable: boolean }): PortError =>
  Object.assign(new PortError('could-not', words, options), { [MARK]: true });

export const isReportedFailure = (error: unknown): error is PortError => isPortError(error) && MARK in error;
