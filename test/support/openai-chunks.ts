let made = 0;
/** One chunk of a stream. */
export const chunk = (delta: object, finish_reason: string | null = null): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  choices: [{ index: 0, delta, finish_reason }],
});
/** The last chunk: what was used. */
const counted = (prompt_tokens: number, completion_tokens: number): object => ({
  ...chunk({}),
  choices: [],
  usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
});

/** The end of a reply that used so many tokens. */
export const endOf = (prompt: number, completion: number): readonly object[] => [chunk({}, 'stop'), counted(prompt, completion)];

/** Streams of Chat Completions: a text, or one call of a tool. */
export const chunks = {
  text: (text: string): readonly object[] => [chunk({ role: 'assistant', content: text }), ...endOf(10, 5)],
  call: (name: string, input: object): readonly object[] => [
    chunk({
      role: 'assistant',
      tool_calls: [{ index: 0, id: `call_${++made}`, type: 'function', function: { name, arguments: JSON.stringify(input) } }],
    }),
    chunk({}, 'tool_calls'),
    counted(10, 5),
  ],
};
