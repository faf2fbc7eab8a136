import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import type { LanguageModel } from '../../../src/ports/language-model.ts';

export const makeModel = (baseUrl: string): LanguageModel =>
  makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl }), model: 'claude-test' });

export const READ_FILE = {
  name: 'read_file',
  description: 'Reads a file',
  inputSchema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
};

export const start = {
  type: 'message_start',
  message: { model: 'claude-test-1', usage: { input_tokens: 10, cache_read_input_tokens: 7, cache_creation_input_tokens: 3 } },
};
export const textStart = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
export const text = (words: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } });
export const toolStart = {
  type: 'content_block_start',
  index: 1,
  content_block: { type: 'tool_use', id: 'toolu_1', name: 'read_file', input: {} },
};
export const json = (part: string) => ({ type: 'content_block_delta', index: 1, delta: { type: 'input_json_delta', partial_json: part } });
export const end = (reason: string) => [
  { type: 'message_delta', delta: { stop_reason: reason }, usage: { output_tokens: 5 } },
  { type: 'message_stop' },
];
