import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { languageModelContract } from '../../../src/testing/index.ts';
import { type ChatReply, openChatPeer } from '../../fakes/openai/peer.ts';
import { certify } from '../../support/contract.ts';
import { failuresBy, requestsFor } from '../../support/model-requests.ts';

const delta = (part: object, finish: string | null = null) => ({
  model: 'gpt-test-1',
  choices: [{ index: 0, delta: part, finish_reason: finish }],
});
const USAGE = { choices: [], usage: { prompt_tokens: 20, completion_tokens: 4 } };

certify('LanguageModel: openai over a strict server', languageModelContract, async () => {
  const script: ChatReply[] = [];
  const peer = await openChatPeer((_, n) => script[n - 1] ?? { status: 500, error: { message: 'the script has no reply left' } });
  const playing = requestsFor(script);
  const failing = (status: number) => playing({ status, error: { message: 'not now', type: 'api_error', code: null } });
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
  return {
    subject: {
      model: makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }), model: 'gpt-test' }),
      text: playing([delta({ content: 'Good ' }), delta({ content: 'morning.' }), delta({}, 'stop'), USAGE]),
      call: playing([delta({ tool_calls: [call] }), delta({}, 'tool_calls'), USAGE]),
      endless: playing({ hangsAfter: [delta({ content: 'Well' })] }),
      failures: failuresBy(failing, 503),
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      await peer.close();
      if (peer.broken.length > 0) throw new Error(`the server refused what it was sent: ${JSON.stringify(peer.broken)}`);
    },
  };
});
