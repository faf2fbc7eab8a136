import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { languageModelContract } from '../../../src/testing/index.ts';
import { called, openResponsesPeer, type ResponsesReply, said, thought } from '../../fakes/openai/responses-peer.ts';
import { certify } from '../../support/contract.ts';
import { failuresBy, requestsFor } from '../../support/model-requests.ts';

certify('LanguageModel: openai over a strict server of Responses', languageModelContract, async () => {
  const script: ResponsesReply[] = [];
  const peer = await openResponsesPeer(script);
  const playing = requestsFor(script);
  const failing = (status: number) =>
    playing({ status, error: { message: 'not now', type: 'api_error', code: status === 404 ? 'model_not_found' : null } });
  return {
    subject: {
      model: makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }), model: 'gpt-5.5', api: 'responses' }),
      text: playing({ output: [thought(1), said('Good morning.')] }),
      call: playing({ output: [thought(2), called('call_1')] }),
      endless: playing({ output: [said('Well')], hangs: true }),
      failures: failuresBy(failing, 503),
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      await peer[Symbol.asyncDispose]();
      if (peer.broken.length > 0) throw new Error(`the server refused what it was sent: ${JSON.stringify(peer.broken)}`);
    },
  };
});
