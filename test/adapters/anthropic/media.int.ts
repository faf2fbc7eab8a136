import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import type { ConversationStep, Media } from '../../../src/domain/index.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import type { Lacking } from '../../fakes/anthropic/media.ts';
import { openMessagesPeer } from '../../fakes/anthropic/peer.ts';
import { logged } from '../../support/logged.ts';
import { aPdf, aPicture, aText, pdfBytes, pngBytes } from '../../support/media.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { takeBrokenRules } from '../../support/strict-models.ts';

const HI = { content: [{ type: 'text' as const, text: 'Hi.' }] };
const showing = (...media: readonly Media[]): ConversationStep => ({ role: 'person', name: 'Ada', text: 'What is this?', media });

/** Asks a strict server, which refuses what the API refuses, and tells what it took at last. */
const asking = async (
  steps: readonly (readonly ConversationStep[])[],
  { model = 'claude-sonnet-5-5', lacking = [] }: { readonly model?: string; readonly lacking?: readonly Lacking[] } = {},
) => {
  await using peer = await openMessagesPeer(
    steps.map(() => HI),
    lacking,
  );
  const logger = makeRecordingLogger();
  const claude = makeAnthropicModel({
    client: createAnthropicClient({ apiKey: 'test', baseUrl: peer.url }),
    model,
    events: logged(logger),
  });
  const refused: number[] = [];
  let before = 0;
  for (const conversation of steps) {
    const { reply, error } = await ask(claude, aRequest({ conversation }));
    expect(error, error?.message).to.equal(undefined);
    expect(reply?.text).to.equal('Hi.');
    const broken = peer.broken.length + takeBrokenRules().length;
    refused.push(broken - before);
    before = peer.broken.length;
  }
  return { requests: peer.requests, refused, logger };
};

const textsIn = (request: { readonly messages: readonly { readonly content: unknown }[] } | undefined): readonly string[] =>
  (request?.messages ?? []).flatMap(({ content }) => (content as { type: string; text?: string }[]).map(({ type, text }) => text ?? type));

describe('Media that Claude is shown, over the real SDK', () => {
  it('stand before the words that they came with, each with its name', async () => {
    const { requests } = await asking([[showing(aPicture(), aPdf(), aText())]]);
    expect(requests[0]?.messages[0]?.content).to.deep.equal([
      { type: 'text', text: '[picture inbox/cat.png:]' },
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: aPicture().base64 } },
      { type: 'document', title: 'inbox/plan.pdf', source: { type: 'base64', media_type: 'application/pdf', data: aPdf().base64 } },
      { type: 'document', title: 'inbox/notes.txt', source: { type: 'text', media_type: 'text/plain', data: 'milk\nbread' } },
      { type: 'text', text: 'What is this?', cache_control: { type: 'ephemeral' } },
    ]);
  });

  for (const [what, media, words] of [
    [
      'of another type than it says',
      { ...aPicture('inbox/odd.png'), type: 'image/webp' },
      'Image does not match the provided media type image/webp',
    ],
    [
      'too large',
      aPicture('inbox/odd.png', Buffer.concat([pngBytes(), Buffer.alloc(4_000_000)])),
      'image exceeds 5 MB maximum: 5333424 bytes 5242880 bytes',
    ],
    [
      'too wide',
      aPicture('inbox/odd.png', pngBytes(9_000, 1)),
      'At least one of the image dimensions exceed max allowed size: 8000 pixels',
    ],
    ['locked', aPdf('inbox/odd.pdf', pdfBytes(1, { isLocked: true })), 'The PDF specified is password protected.'],
    ['no PDF', aPdf('inbox/odd.pdf', pngBytes(9, 9)), 'The PDF specified was not valid.'],
  ] as const)
    it(`are told alone where one is ${what}, and never sent again`, async () => {
      const said = [showing(aPicture(), media), { role: 'agent', text: 'Hm.', toolCalls: [] } as const, showing(aText())];
      const { requests, refused } = await asking([said.slice(0, 1), said]);
      expect(refused).to.deep.equal([1, 0]);
      const name = media.kind === 'pdf' ? 'PDF inbox/odd.pdf' : 'picture inbox/odd.png';
      const shown = ['[picture inbox/cat.png:]', 'image', `[${name}: it can't be shown here: ${words}]`, 'What is this?'];
      expect(textsIn(requests[0])).to.deep.equal(shown);
      expect(textsIn(requests[1])).to.deep.equal([...shown, 'Hm.', 'document', 'What is this?']);
    });

  it('are told where the API does not say which of them is damaged', async () => {
    const damaged = aPicture('inbox/odd.png', Buffer.from('no picture'));
    const { requests, refused } = await asking([[showing(damaged, aPdf())], [showing(aPicture())]]);
    expect(refused).to.deep.equal([1, 0]);
    expect(textsIn(requests[0])).to.deep.equal([
      "[picture inbox/odd.png: it can't be shown here: Could not process image]",
      'document',
      'What is this?',
    ]);
    expect(textsIn(requests[1]), 'the next picture is shown').to.deep.equal(['[picture inbox/cat.png:]', 'image', 'What is this?']);
  });

  it('are told where they have more pages than a request may', async () => {
    const { requests } = await asking([[showing(aPdf('inbox/long.pdf', pdfBytes(101)))]]);
    expect(textsIn(requests[0])[0]).to.equal("[PDF inbox/long.pdf: it can't be shown here: A maximum of 100 PDF pages may be provided.]");
  });

  for (const [lacking, shown] of [
    [['images'], ["[picture inbox/cat.png: this model can't be shown it]", 'document', 'document', 'What is this?']],
    [
      ['documents'],
      [
        ...['[picture inbox/cat.png:]', 'image', "[PDF inbox/plan.pdf: this model can't be shown it]"],
        ...['[file inbox/notes.txt; each line of it is marked here by >]\n  > milk\n  > bread', 'What is this?'],
      ],
    ],
  ] as const)
    it(`are told in words at a server of the API that lacks ${lacking}, which is asked so from then on`, async () => {
      const said = [showing(aPicture(), aPdf(), aText())];
      const { requests, refused, logger } = await asking([said, said], { model: 'glm-5.2', lacking });
      expect(refused).to.deep.equal([1, 0]);
      for (const request of requests) expect(textsIn(request)).to.deep.equal(shown);
      expect(JSON.stringify(logger.lines)).to.include('asked in another form');
      expect(JSON.stringify(logger.lines)).not.to.include(aPicture().base64);
    });

  it('hold no PDF for a model that is known to take none', async () => {
    const { requests, refused } = await asking([[showing(aPicture(), aPdf())]], { model: 'claude-3-haiku-20240307' });
    expect(refused).to.deep.equal([0]);
    expect(textsIn(requests[0])).to.include("[PDF inbox/plan.pdf: this model can't be shown it]");
  });
});
