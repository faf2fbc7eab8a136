/** What the word for the end of a reply means. `failure`: the server broke it off, and may answer another time. */
export type Finish = 'end' | 'tool_calls' | 'length' | 'refusal' | 'failure' | 'unknown';

const WORDS: Readonly<Record<Exclude<Finish, 'unknown'>, readonly string[]>> = {
  end: [
    'stop',
    'eos',
    'eos_token',
    'end',
    'end_turn',
    'stop_sequence',
    'stop_token',
    'done',
    'finish',
    'finished',
    'complete',
    'completed',
  ],
  tool_calls: ['tool_calls', 'tool_call', 'tool_use', 'function_call', 'function_calls'],
  length: [
    ...['length', 'max_tokens', 'max_output_tokens', 'max_completion_tokens', 'max_new_tokens', 'max_length', 'token_limit'],
    ...['model_length', 'model_context_window_exceeded', 'context_length_exceeded'],
  ],
  refusal: [
    ...['content_filter', 'content_filtered', 'refusal', 'sensitive', 'safety', 'moderation', 'guardrail', 'guardrail_intervened'],
    ...['recitation', 'blocklist', 'prohibited_content', 'spii', 'image_safety', 'image_prohibited_content', 'image_recitation'],
  ],
  failure: [
    ...['error', 'network_error', 'insufficient_system_resource', 'abort', 'aborted', 'cancelled', 'timeout'],
    ...['malformed_function_call', 'unexpected_tool_call', 'other_error'],
  ],
};

const MEANING: ReadonlyMap<string, Finish> = new Map(
  Object.entries(WORDS).flatMap(([meaning, words]) => words.map((word) => [word, meaning as Finish] as const)),
);

/**
 * Servers write these words in their own way: OpenAI's, Anthropic's, Gemini's, or the engine's behind them. Gemini puts
 * its own behind another (`content_filter: PROHIBITED_CONTENT`).
 */
export const finishOf = (word: string): Finish =>
  word
    .toLowerCase()
    .split(':')
    .map((part) =>
      MEANING.get(
        part
          .trim()
          .replace(/[\s-]+/g, '_')
          .replace(/^finish_reason_/, ''),
      ),
    )
    .find((meaning) => meaning !== undefined) ?? 'unknown';
