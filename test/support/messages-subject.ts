import type { LanguageModel } from '../../src/ports/index.ts';
import { openMessagesPeer, type PeerReply } from '../fakes/anthropic/peer.ts';
import { failuresBy, requestsFor } from './model-requests.ts';

/** What the contract of models is run over: a model that asks a strict server of the Messages API. */
export const openMessagesSubject = async (makeModel: (url: string) => LanguageModel) => {
  const script: PeerReply[] = [];
  const peer = await openMessagesPeer(script);
  const playing = requestsFor(script);
  const failing = (status: number) => playing({ fails: status, content: [] });
  return {
    subject: {
      model: makeModel(peer.url),
      text: playing({ content: [{ type: 'text', text: 'Good morning.' }] }),
      call: playing({ content: [{ type: 'tool_use', id: 'toolu_1', name: 'look', input: {} }] }),
      endless: playing({
        content: [{ type: 'text', text: 'Well.' }],
        thinks: (ping) => {
          ping();
          return new Promise(() => undefined);
        },
      }),
      failures: failuresBy(failing, 529),
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      const { broken } = peer;
      await peer[Symbol.asyncDispose]();
      if (broken.length > 0) throw new Error(`the server refused what it was sent: ${broken.join('; ')}`);
    },
  };
};
