import { itMapsTransportFailures, sse } from '../../support/model-peer.ts';
import { makeModel } from './harness.ts';

const usage = { input_tokens: 10, cache_read_input_tokens: 7, cache_creation_input_tokens: 3, output_tokens: 1 };
const start = {
  type: 'message_start',
  message: { id: 'msg_1', type: 'message', role: 'assistant', content: [], stop_reason: null, model: 'claude-sonnet-5-5', usage },
};
const textStart = { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } };
const text = (words: string) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: words } });

describe('A package of the AI SDK whose other side fails', () => {
  itMapsTransportFailures((url) => makeModel(url), {
    start: sse([start, textStart, text('Hel')], true),
    waiting: sse([{ type: 'ping' }], true),
    end: sse(
      [
        text('lo'),
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 5 } },
        { type: 'message_stop' },
        // The SDK tells of an end only where the message is over; what comes behind it may be cut.
        { type: 'ping' },
      ],
      true,
    ),
  });
});
