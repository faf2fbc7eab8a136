import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { languageModelContract, type ModelFailure } from '../../../src/testing/index.ts';
import { type ChatReply, openChatPeer } from '../../fakes/openai/peer.ts';
import { certify } from '../../support/contract.ts';
import { aRequest } from '../../support/model-peer.ts';

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } };
const delta = (part: object, finish: string | null = null) => ({
  model: 'gpt-test-1',
  choices: [{ index: 0, delta: part, finish_reason: finish }],
});
const USAGE = { choices: [], usage: { prompt_tokens: 20, completion_tokens: 4 } };

certify('LanguageModel: openai over a strict server', languageModelContract, async () => {
  const script: ChatReply[] = [];
  const peer = await openChatPeer((_, n) => script[n - 1] ?? { status: 500, error: { message: 'the script has no reply left' } });
  const playing = (reply: ChatReply) => () => {
    script.push(reply);
    return aRequest({ tools: [LOOK] });
  };
  const failing = (status: number) => playing({ status, error: { message: 'not now', type: 'api_error', code: null } });
  const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'look', arguments: '{}' } };
  const failures: readonly ModelFailure[] = [
    { code: 'rate-limited', retryable: true, request: failing(429) },
    { code: 'unavailable', retryable: true, request: failing(503) },
    { code: 'unauthorised', retryable: false, request: failing(401) },
    { code: 'not-found', retryable: false, request: failing(404) },
    { code: 'out-of-credit', retryable: false, request: failing(402) },
    { code: 'too-long', retryable: false, request: failing(413) },
  ];
  return {
    subject: {
      model: makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }), model: 'gpt-test' }),
      text: playing([delta({ content: 'Good ' }), delta({ content: 'morning.' }), delta({}, 'stop'), USAGE]),
      call: playing([delta({ tool_calls: [call] }), delta({}, 'tool_calls'), USAGE]),
      endless: playing({ hangsAfter: [delta({ content: 'Well' })] }),
      failures,
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      await peer.close();
      if (peer.broken.length > 0) throw new Error(`the server refused what it was sent: ${JSON.stringify(peer.broken)}`);
    },
  };
});
