import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { languageModelContract, type ModelFailure } from '../../../src/testing/index.ts';
import { called, openResponsesPeer, type ResponsesReply, said, thought } from '../../fakes/openai/responses-peer.ts';
import { certify } from '../../support/contract.ts';
import { aRequest } from '../../support/model-peer.ts';

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } };

certify('LanguageModel: openai over a strict server of Responses', languageModelContract, async () => {
  const script: ResponsesReply[] = [];
  const peer = await openResponsesPeer(script);
  const playing = (reply: ResponsesReply) => () => {
    script.push(reply);
    return aRequest({ tools: [LOOK] });
  };
  const failing = (status: number, code: string | null = null) =>
    playing({ status, error: { message: 'not now', type: 'api_error', code } });
  const failures: readonly ModelFailure[] = [
    { code: 'rate-limited', retryable: true, request: failing(429) },
    { code: 'unavailable', retryable: true, request: failing(503) },
    { code: 'unauthorised', retryable: false, request: failing(401) },
    { code: 'not-found', retryable: false, request: failing(404, 'model_not_found') },
    { code: 'out-of-credit', retryable: false, request: failing(402) },
    { code: 'too-long', retryable: false, request: failing(413) },
  ];
  return {
    subject: {
      model: makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }), model: 'gpt-5.5', api: 'responses' }),
      text: playing({ output: [thought(1), said('Good morning.')] }),
      call: playing({ output: [thought(2), called('call_1')] }),
      endless: playing({ output: [said('Well')], hangs: true }),
      failures,
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      await peer[Symbol.asyncDispose]();
      if (peer.broken.length > 0) throw new Error(`the server refused what it was sent: ${JSON.stringify(peer.broken)}`);
    },
  };
});
