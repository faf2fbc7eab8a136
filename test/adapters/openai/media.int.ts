import { expect } from 'chai';
import { createOpenAiClient, makeOpenAiModel } from '../../../src/adapters/openai/index.ts';
import { withFailover } from '../../../src/application/models/failover.ts';
import type { ConversationStep, Media } from '../../../src/domain/index.ts';
import { type LanguageModel, silentEvents } from '../../../src/ports/index.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { openChatPeer } from '../../fakes/openai/peer.ts';
import { openResponsesPeer, said } from '../../fakes/openai/responses-peer.ts';
import { BLIND, COMPATIBLE, DEEPSEEK, MISTRAL, OPENAI, type ServerRules, SPEECHLESS, TEMPLATE } from '../../fakes/openai/servers.ts';
import { aPdf, aPicture, aText } from '../../support/media.ts';
import { aRequest, ask } from '../../support/model-peer.ts';
import { takeBrokenRules } from '../../support/strict-models.ts';

const HI = [{ choices: [{ index: 0, delta: { content: 'Hi.' }, finish_reason: 'stop' }] }];
const showing = (...media: readonly Media[]): ConversationStep => ({ role: 'person', name: 'Ada', text: 'What is this?', media });
const ALL = [aPicture(), aPdf(), aText()];

const TEXT = '[file inbox/notes.txt; each line of it is marked here by >]\n  > milk\n  > bread';
const WORDS = ["[picture inbox/cat.png: this model can't be shown it]", "[PDF inbox/plan.pdf: this model can't be shown it]", TEXT];
const PICTURE = { type: 'image_url', image_url: { url: `data:image/png;base64,${aPicture().base64}` } };
const PDF = { type: 'file', file: { filename: 'inbox/plan.pdf', file_data: `data:application/pdf;base64,${aPdf().base64}` } };

const makeModel = (baseUrl: string, name = 'openai/small'): LanguageModel =>
  makeOpenAiModel({ client: createOpenAiClient({ apiKey: 'test', baseUrl }), model: 'small', name });

const answered = async (model: LanguageModel, conversation: readonly ConversationStep[]) => {
  const { reply, error } = await ask(model, aRequest({ conversation }));
  expect(error, error?.message).to.equal(undefined);
  expect(reply?.text).to.equal('Hi.');
};

describe('Media that models behind Chat Completions are shown, over the real SDK', () => {
  const open = (server: ServerRules) => openChatPeer(() => HI, server);

  it('stand before the words that they came with, and a text is told in words', async () => {
    const peer = await open(OPENAI);
    await answered(makeModel(peer.url), [showing(aPicture(), aPdf(), aText())]);
    expect(peer.requests[0]?.messages[1]?.content).to.deep.equal([
      { type: 'text', text: '[picture inbox/cat.png:]' },
      PICTURE,
      PDF,
      { type: 'text', text: `${TEXT}\n\nWhat is this?` },
    ]);
    await peer.close();
  });

  it('are no reason for parts where all of them are texts', async () => {
    const peer = await open(TEMPLATE);
    await answered(makeModel(peer.url), [showing(aText())]);
    expect(peer.requests[0]?.messages[1]?.content).to.equal(`${TEXT}\n\nWhat is this?`);
    await peer.close();
  });

  for (const [server, told] of [
    [TEMPLATE, WORDS],
    [DEEPSEEK, WORDS],
    [BLIND, WORDS],
    [SPEECHLESS, WORDS],
    [MISTRAL, ['[picture inbox/cat.png:]', PICTURE, WORDS[1], TEXT]],
  ] as const)
    it(`are told in words to ${server.name}, which is asked so from then on`, async () => {
      const peer = await open({ ...server, refusesUnknown: false });
      const model = makeModel(peer.url);
      const conversation = [showing(...ALL)];
      await answered(model, conversation);
      const refused = peer.broken.length;
      expect(refused).to.be.above(0);
      await answered(model, conversation);
      expect(peer.broken, 'it is remembered').to.have.length(refused);
      const isPlain = told.every((one) => typeof one === 'string');
      for (const { messages } of peer.requests) {
        const content = messages[1]?.content;
        if (isPlain) expect(content).to.equal([...told, 'What is this?'].join('\n\n'));
        else expect(content).to.deep.include(PICTURE);
      }
      takeBrokenRules();
      await peer.close();
    });

  it('are told alone where one is damaged, and the next picture is shown', async () => {
    const peer = await open(OPENAI);
    const model = makeModel(peer.url);
    const damaged = aPdf('inbox/odd.pdf', Buffer.from('no PDF'));
    await answered(model, [showing(aPicture(), damaged)]);
    await answered(model, [showing(aPdf(), damaged)]);
    expect(takeBrokenRules()).to.have.length(1);
    expect(JSON.stringify(peer.requests[0])).to.include(PICTURE.image_url.url).and.include('[PDF inbox/odd.pdf: it can');
    expect(peer.requests[1]?.messages[1]?.content).to.deep.include(PDF);
    await peer.close();
  });

  it('leave room for an answer, whatever their bytes', async () => {
    const words = 'maximum context length is 8192 tokens. However, you requested 9000 tokens (100 in the messages, 8900 in the completion)';
    const peer = await openChatPeer(({ max_tokens: limit }) => (Number(limit) > 8_100 ? { refusal: words } : HI), COMPATIBLE);
    const client = createOpenAiClient({ apiKey: 'test', baseUrl: peer.url });
    const model = makeOpenAiModel({ client, model: 'small', limitNames: ['max_tokens'] });
    const picture = aPicture('inbox/large.png', Buffer.concat([Buffer.from(aPicture().base64, 'base64'), Buffer.alloc(300_000)]));
    for (const media of [[], [picture]]) {
      const { reply } = await ask(model, aRequest({ conversation: [showing(...media)], maxOutputTokens: 8_900 }));
      expect(reply?.text).to.equal('Hi.');
    }
    const limits = peer.requests.map(({ max_tokens: limit }) => Number(limit));
    expect(limits).to.have.length(3);
    expect(limits[2], 'a picture takes some of the window')
      .to.be.below(limits[1] ?? 0)
      .and.above(400);
    expect(JSON.stringify(peer.requests.at(-1))).to.include(picture.base64);
    await peer.close();
  });

  for (const words of [
    'Could not process image',
    'bad request',
    'messages[1].content[1] is not valid',
    'multi-modal input is not supported',
  ])
    it(`are no reason to ask for ever, where it is refused without them, too: ${words}`, async () => {
      const peer = await openChatPeer(() => ({ refusal: words }), COMPATIBLE);
      const model = makeModel(peer.url);
      for (const tries of [1, 2]) {
        const { error } = await ask(model, aRequest({ conversation: [showing(...ALL, aPicture('inbox/b.png'))] }));
        expect(error).to.include({ code: 'invalid-request' });
        expect(peer.requests.length).to.be.within(tries, tries * 5);
      }
      const { messages } =
        peer.requests.find((_, n) => n > 0 && JSON.stringify(peer.requests[n]) === JSON.stringify(peer.requests[0])) ?? {};
      expect(JSON.stringify(messages), 'what did not help is not remembered').to.include(PICTURE.image_url.url);
      await peer.close();
    });

  it('reach the next model of a chain that takes them, where the one before sees nothing and is busy', async () => {
    const first = await openChatPeer(() => ({ status: 429, error: { message: 'slow down' } }), BLIND);
    const second = await open(OPENAI);
    const models = withFailover([makeModel(first.url, 'openai/blind'), makeModel(second.url, 'openai/seeing')], {
      events: silentEvents,
      clock: makeFixedClock(),
    });
    const { reply } = await ask(models, aRequest({ conversation: [showing(aPicture())] }));
    expect(reply?.text).to.equal('Hi.');
    expect(JSON.stringify(first.requests.at(-1)?.messages)).to.include("this model can't be shown it");
    expect(second.requests[0]?.messages[1]?.content).to.deep.include(PICTURE);
    takeBrokenRules();
    await first.close();
    await second.close();
  });
});

describe('Media that models behind Responses are shown, over the real SDK', () => {
  it('stand before the words that they came with', async () => {
    await using peer = await openResponsesPeer([{ output: [said('Hi.')] }]);
    const model = makeOpenAiModel({
      client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }),
      model: 'gpt-5.5',
      api: 'responses',
    });
    await answered(model, [showing(...ALL)]);
    expect(peer.requests[0]?.input[0]).to.deep.equal({
      role: 'user',
      content: [
        { type: 'input_text', text: '[picture inbox/cat.png:]' },
        { type: 'input_image', image_url: PICTURE.image_url.url, detail: 'auto' },
        { type: 'input_file', ...PDF.file },
        { type: 'input_text', text: TEXT },
        { type: 'input_text', text: 'What is this?' },
      ],
    });
  });

  it('are told alone where one is damaged', async () => {
    await using peer = await openResponsesPeer([{ output: [said('Hi.')] }, { output: [said('Hi.')] }]);
    const model = makeOpenAiModel({
      client: createOpenAiClient({ apiKey: 'test', baseUrl: peer.url }),
      model: 'gpt-5.5',
      api: 'responses',
    });
    const damaged = aPdf('inbox/odd.pdf', Buffer.from('no PDF'));
    for (const _ of [1, 2]) await answered(model, [showing(aPdf(), damaged)]);
    expect(takeBrokenRules()).to.have.length(1);
    for (const { input } of peer.requests)
      expect(JSON.stringify(input)).to.include(PDF.file.file_data).and.include('[PDF inbox/odd.pdf: it can');
  });
});
