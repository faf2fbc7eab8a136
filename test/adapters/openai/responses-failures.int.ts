import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { itMapsTransportFailures, sse } from '../../support/model-peer.ts';

const usage = { input_tokens: 20, output_tokens: 5 };
const response = { object: 'response', model: 'gpt-5.5-2026', output: [], usage: null, error: null };
const text = (delta: string) => ({ type: 'response.output_text.delta', output_index: 0, delta });

describe('OpenAI model over Responses when the other side fails', () => {
  itMapsTransportFailures(
    (url) => makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: `${url}/v1` }), model: 'gpt-5.5', api: 'responses' }),
    {
      start: sse([{ type: 'response.created', response: { ...response, status: 'in_progress' } }, text('Hel')], true),
      waiting: sse([{ type: 'response.in_progress', response: { ...response, status: 'in_progress' } }], true),
      end: sse(
        [
          text('lo'),
          { type: 'response.completed', response: { ...response, status: 'completed', usage } },
          // What comes behind the end of a reply may be cut.
          { type: 'response.keepalive' },
        ],
        true,
      ),
    },
  );
});
