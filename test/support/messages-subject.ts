import type { LanguageModel } from '../../src/ports/index.ts';
import type { ModelFailure } from '../../src/testing/index.ts';
import { openMessagesPeer, type PeerReply } from '../fakes/anthropic/peer.ts';
import { aRequest } from './model-peer.ts';

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object', properties: {} } };

/** What the contract of models is run over: a model that asks a strict server of the Messages API. */
export const openMessagesSubject = async (makeModel: (url: string) => LanguageModel) => {
  const script: PeerReply[] = [];
  const peer = await openMessagesPeer(script);
  const playing = (reply: PeerReply) => () => {
    script.push(reply);
    return aRequest({ tools: [LOOK] });
  };
  const failing = (status: number) => playing({ fails: status, content: [] });
  const failures: readonly ModelFailure[] = [
    { code: 'rate-limited', retryable: true, request: failing(429) },
    { code: 'unavailable', retryable: true, request: failing(529) },
    { code: 'unauthorised', retryable: false, request: failing(401) },
    { code: 'not-found', retryable: false, request: failing(404) },
    { code: 'out-of-credit', retryable: false, request: failing(402) },
    { code: 'too-long', retryable: false, request: failing(413) },
  ];
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
      failures,
      sent: () => JSON.stringify(peer.requests.at(-1)),
    },
    close: async () => {
      const { broken } = peer;
      await peer[Symbol.asyncDispose]();
      if (broken.length > 0) throw new Error(`the server refused what it was sent: ${broken.join('; ')}`);
    },
  };
};
