import { expect } from 'chai';
import type { Media } from '../../../src/domain/index.ts';
import { bothUnshown, leaveOut, type RefusedRequest } from '../../../src/ports/adapter-kit/refused-media.ts';
import { ALL_SHOWN, mediaKey, type Unshown } from '../../../src/ports/adapter-kit/shown-media.ts';
import { PortError, type PortErrorCode } from '../../../src/ports/index.ts';
import { aPdf, aPicture, aText, pngBytes } from '../../support/media.ts';

const NAME = 'openai/some-vision-model';
const one = aPicture('inbox/one.png', pngBytes(3, 3));
const two = aPicture('inbox/two.png', pngBytes(4, 4));
const pdf = aPdf();
const text = aText();

const refused = (words: string, code: PortErrorCode = 'invalid-request', status = 400) =>
  new PortError(code, `${NAME} answered HTTP ${status}: ${words}`, { retryable: false });
const leftOut = (failure: PortError, change: Partial<RefusedRequest> = {}) =>
  leaveOut(failure, {
    name: NAME,
    media: [one, two, pdf, text],
    unshown: ALL_SHOWN,
    partAt: () => undefined,
    isKnown: false,
    rounds: 0,
    ...change,
  });
const namesIn = ({ items }: Unshown, media: readonly Media[] = [one, two, pdf, text]) =>
  items.map(({ key }) => media.find((each) => mediaKey(each) === key)?.name);

describe('What of the media a refused request is asked without', () => {
  for (const [who, words, kinds, code] of [
    ['OpenAI', 'Invalid content type. image_url is only supported by certain models.', ['picture']],
    ['OpenRouter', 'No endpoints found that support image input', ['picture'], 'not-found'],
    ['Ollama', 'this model does not support image input (ref: b8bd630e)', ['picture']],
    ['Ollama, of before', 'this model is missing data required for image input', ['picture'], 'unavailable'],
    ['llama.cpp', 'image input is not supported - hint: you may need to provide the mmproj', ['picture'], 'unavailable'],
    ['vLLM', 'GLM-5.2 is not a multimodal model', ['picture']],
    ['vLLM, for none', 'At most 0 image(s) may be provided in one prompt.', ['picture']],
    [
      'DeepSeek',
      'Failed to deserialize the JSON body into the target type: messages[7]: unknown variant `image_url`, expected `text` at line 1',
      ['picture'],
    ],
    ['Groq', "'messages.0.content' : value must be a string", ['picture', 'pdf', 'text']],
    ['a gateway', "messages.content.type is invalid, allowed values: ['text']", ['picture', 'pdf', 'text']],
    ['a cloud without PDFs', 'This model does not support PDF input', ['pdf']],
  ] as const)
    it(`is the kind that ${who} does not take`, () => {
      const left = leftOut(refused(words, code));
      expect(left?.unshown).to.deep.equal({ kinds, items: [] });
    });

  for (const [what, words, names] of [
    ['damaged', 'Could not process image', ['inbox/one.png', 'inbox/two.png']],
    ['unreadable', "You uploaded an unsupported image. Please make sure your image has of one the following formats: ['png']", undefined],
    ['no picture', 'Failed to load image or audio file', ['inbox/one.png', 'inbox/two.png']],
    ['of a type that the server lacks', 'image format image/webp is not supported', ['inbox/one.png', 'inbox/two.png']],
    ['too long', 'A maximum of 100 PDF pages may be provided.', ['inbox/plan.pdf']],
    ['damaged PDFs', 'Could not process PDF', ['inbox/plan.pdf']],
    ['more than the server takes', 'At most 1 image(s) may be provided in one request.', ['inbox/one.png']],
  ] as const)
    it(`are those that may be meant, where they are ${what}`, () => {
      const left = leftOut(refused(words));
      expect(left?.isSure).to.equal(true);
      expect(left?.unshown.kinds).to.deep.equal([]);
      expect(namesIn(left?.unshown ?? ALL_SHOWN)).to.deep.equal(names ?? ['inbox/one.png', 'inbox/two.png']);
      expect(left?.unshown.items[0]?.why).to.equal(words);
    });

  for (const [words, part, name, why] of [
    [
      'messages.6.content.5.image.source.base64.data: Image does not match the provided media type image/png',
      two,
      'inbox/two.png',
      'Image does not match the provided media type image/png',
    ],
    [
      'messages.6.content.5.image.source.base64: image exceeds 5 MB maximum: 5272940 bytes > 5242880 bytes',
      one,
      'inbox/one.png',
      'image exceeds 5 MB maximum: 5272940 bytes > 5242880 bytes',
    ],
    [
      'messages.6.content.5.pdf.source.base64.data: The PDF specified is password protected.',
      pdf,
      'inbox/plan.pdf',
      'The PDF specified is password protected.',
    ],
    ["Invalid file data: 'messages[6].content[5].file.file_data'. Expected a base64-encoded data URL", pdf, 'inbox/plan.pdf', undefined],
    ["Invalid 'input[6].content[5].image_url'. Expected a data URL", two, 'inbox/two.png', undefined],
  ] as const)
    it(`is the one that is pointed to: ${words.slice(0, 60)}`, () => {
      const partAt = (message: number, at: number) =>
        message === 6 && at === 5 ? { held: `data:image/png;base64,${part.base64}` } : { text: 'x' };
      const left = leftOut(refused(words), { partAt });
      expect(namesIn(left?.unshown ?? ALL_SHOWN)).to.deep.equal([name]);
      expect(left?.unshown.items[0]?.why).to.equal(why ?? words);
      expect(left?.isSure).to.equal(true);
    });

  it('is the least usual kind, and then the next, where nothing is said of them: that is no more than a guess', () => {
    let unshown = ALL_SHOWN;
    for (const kinds of [['pdf'], ['pdf', 'text'], ['pdf', 'text', 'picture']]) {
      const left = leftOut(refused('bad request'), { unshown });
      expect(left?.isSure).to.equal(false);
      expect(left?.unshown).to.deep.equal({ kinds, items: [] });
      unshown = left?.unshown ?? ALL_SHOWN;
    }
    expect(leftOut(refused('bad request'), { unshown }), 'nothing is left').to.equal(undefined);
  });

  it('is each of them and no kind, where the model is known to take them', () => {
    const left = leftOut(refused('bad request'), { isKnown: true });
    expect(left?.unshown.kinds).to.deep.equal([]);
    expect(namesIn(left?.unshown ?? ALL_SHOWN)).to.have.length(4);
  });

  it('are all after several that were told one by one, and comes to an end', () => {
    const partAt = () => one;
    const words = 'messages.0.content.0.image.source.base64: image exceeds 5 MB maximum';
    expect(namesIn(leftOut(refused(words), { partAt, rounds: 3 })?.unshown ?? ALL_SHOWN)).to.have.length(4);
    expect(leftOut(refused(words), { partAt, rounds: 6 })).to.equal(undefined);
  });

  for (const [what, failure] of [
    ['who asks', refused('no image for you', 'unauthorised')],
    ['how often', refused('too many images', 'rate-limited')],
    ['its length, which whoever asks can mend better', refused('prompt is too long: 210000 tokens > 200000 maximum', 'too-long')],
    ['a model that is not there', refused('model not found', 'not-found')],
    ['a server that fails', refused('overloaded', 'unavailable')],
    ['a server that fails over something of that name', refused('no room for the image cache', 'unavailable')],
  ] as const)
    it(`is nothing where the refusal is about ${what}`, () => expect(leftOut(failure)).to.equal(undefined));

  it('is nothing where there are none, and goes by no word of the name of the model', () => {
    expect(leftOut(refused('Could not process image'), { media: [] })).to.equal(undefined);
    expect(leftOut(new PortError('unavailable', `${NAME} answered HTTP 500: it is not supported`, { retryable: true }))).to.equal(
      undefined,
    );
  });

  it('is remembered of the newest two hundred alone', () => {
    const many = (from: number): Unshown => ({
      kinds: [],
      items: Array.from({ length: 150 }, (_, n) => ({ key: `${from + n}`, why: 'damaged' })),
    });
    const { items } = bothUnshown(many(0), many(100));
    expect([items.length, items[0]?.key, items.at(-1)?.key]).to.deep.equal([200, '50', '249']);
  });
});
