let made = 0;
const chunk = (delta: object, finish_reason: string | null = null): object => ({
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  choices: [{ index: 0, delta, finish_reason }],
});
const usage = {
  id: 'chatcmpl-1',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'small',
  choices: [],
  usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
};

/** Streams of Chat Completions: a text, or one call of a tool. */
export const chunks = {
  text: (text: string): readonly object[] => [chunk({ role: 'assistant', content: text }), chunk({}, 'stop'), usage],
  call: (name: string, input: object): readonly object[] => [
    chunk({
      role: 'assistant',
      tool_calls: [{ index: 0, id: `call_${++made}`, type: 'function', function: { name, arguments: JSON.stringify(input) } }],
    }),
    chunk({}, 'tool_calls'),
    usage,
  ],
};
