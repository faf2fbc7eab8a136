import { UnsupportedFunctionalityError } from '@ai-sdk/provider';
import { expect } from 'chai';
import { makeAiSdkModel } from '../../../src/adapters/ai-sdk/index.ts';
import type { CallOptions } from '../../../src/adapters/ai-sdk/spec.ts';
import type { ConversationStep, Media } from '../../../src/domain/index.ts';
import { openMessagesPeer } from '../../fakes/anthropic/peer.ts';
import { aPdf, aPicture, aText } from '../../support/media.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { takeBrokenRules } from '../../support/strict-models.ts';
import { makeModel, packageOf } from './harness.ts';

const HI = { content: [{ type: 'text' as const, text: 'Hi.' }] };
const showing = (...media: readonly Media[]): ConversationStep => ({ role: 'person', name: 'Ada', text: 'What is this?', media });
const TEXT = '[file inbox/notes.txt; each line of it is marked here by >]\n  > milk\n  > bread';

describe('Media that a model behind a package of the AI SDK is shown', () => {
  it('go through it to the API, before the words that they came with', async () => {
    await using peer = await openMessagesPeer([HI]);
    const { reply } = await ask(makeModel(peer.url), aRequest({ conversation: [showing(aPicture(), aPdf(), aText())] }));
    expect(reply?.text).to.equal('Hi.');
    const content = peer.requests[0]?.messages[0]?.content;
    expect(typeof content === 'object' && content.map((block) => ('text' in block ? block.text : block.type))).to.deep.equal([
      ...['[picture inbox/cat.png:]', 'image', 'document', TEXT, 'What is this?'],
    ]);
    expect(JSON.stringify(content)).to.include(aPicture().base64).and.include(aPdf().base64).and.include('inbox/plan.pdf');
  });

  it('are told in words where one is damaged, and the turn goes on', async () => {
    await using peer = await openMessagesPeer([HI, HI]);
    const model = makeModel(peer.url);
    const conversation = [showing(aPicture('inbox/odd.png', Buffer.from('no picture')), aPdf())];
    for (const _ of [1, 2]) expect((await ask(model, aRequest({ conversation }))).reply?.text).to.equal('Hi.');
    expect(takeBrokenRules()).to.have.length(1);
    for (const request of peer.requests) expect(JSON.stringify(request)).to.include('Could not process image').and.include(aPdf().base64);
  });

  it('are told in words to a provider that takes no such file, from then on', async () => {
    const asked: CallOptions[] = [];
    const doStream = async (options: CallOptions) => {
      asked.push(options);
      if (JSON.stringify(options.prompt).includes('application/pdf'))
        throw new UnsupportedFunctionalityError({ functionality: 'file part media type application/pdf' });
      const usage = { inputTokens: { total: 1 }, outputTokens: { total: 1 } };
      const parts = [
        { type: 'text-delta', id: '1', delta: 'Hi.' },
        { type: 'finish', usage, finishReason: { unified: 'stop', raw: 'stop' } },
      ];
      return { stream: ReadableStream.from(parts) as ReadableStream<{ type: string }> };
    };
    const model = makeAiSdkModel({
      packages: ['own-provider'],
      model: 'x',
      name: 'ai-sdk:own-provider/x',
      importPackage: async () => packageOf({ doStream }),
    });
    const conversation = [showing(aPicture(), aPdf())];
    for (const tries of [2, 3]) {
      const { reply, error } = await ask(model, aRequest({ conversation }));
      expect(error, error?.message).to.equal(undefined);
      expect(reply?.text).to.equal('Hi.');
      expect(asked).to.have.length(tries);
    }
    expect(JSON.stringify(asked.at(-1)?.prompt))
      .to.include("PDF inbox/plan.pdf: this model can't be shown it")
      .and.include('image/png');
  });

  it('are no reason to ask again where text was seen already', async () => {
    let asked = 0;
    const broken = async function* () {
      yield { type: 'text-delta', id: '1', delta: 'Hi.' };
      throw new UnsupportedFunctionalityError({ functionality: 'file part media type image/png' });
    };
    const doStream = async () => {
      asked++;
      return { stream: ReadableStream.from(broken()) as ReadableStream<{ type: string }> };
    };
    const importPackage = async () => packageOf({ doStream });
    const model = makeAiSdkModel({ packages: ['own-provider'], model: 'x', name: 'ai-sdk:own-provider/x', importPackage });
    const { error, streamed } = await ask(model, aRequest({ conversation: [showing(aPicture())] }));
    expect(error).to.have.property('code', 'invalid-request');
    expect([streamed, asked]).to.deep.equal(['Hi.', 1]);
  });
});
