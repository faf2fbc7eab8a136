import { expect } from 'chai';
import { pdfBytes, pngBytes } from '../../support/media.ts';
import { brokenRules } from './rules.ts';
import { BLIND, DEEPSEEK, MISTRAL, OPENAI, type ServerRules, TEMPLATE } from './servers.ts';

const png = `data:image/png;base64,${pngBytes().toString('base64')}`;
const pdf = (bytes = pdfBytes()) => `data:application/pdf;base64,${bytes.toString('base64')}`;
const picture = (url = png) => ({ type: 'image_url', image_url: { url } });
const file = (change: object = {}) => ({ type: 'file', file: { filename: 'a.pdf', file_data: pdf(), ...change } });
const said = (role: string, ...parts: readonly object[]) => ({ role, content: [...parts, { type: 'text', text: 'see' }] });
const rulesOf = (message: object, server: ServerRules) =>
  brokenRules({ model: 'small', messages: [{ role: 'user', content: 'hello' }, message] }, server).map(({ rule }) => rule);
describe('the rules of Chat Completions about media', () => {
  it('allow pictures and PDFs of people', () =>
    expect(rulesOf(said('user', picture(), { type: 'text', text: 'and' }, file()), OPENAI)).to.deep.equal([]));

  for (const [rule, message, server = OPENAI] of [
    ['content-text', said('assistant', picture())],
    ['content-text', said('system', picture())],
    ['content-type', said('user', { type: 'video_url', video_url: { url: png } })],
    ['content-string', said('user'), TEMPLATE],
    ['picture-url', said('user', picture(pngBytes().toString('base64')))],
    ['picture-url', said('user', picture(`${png}\n`))],
    ['picture-url', said('user', picture(png.replace('png', 'bmp')))],
    ['picture-unreadable', said('user', picture('data:image/png;base64,AAAA'))],
    ['picture-detail', said('user', { type: 'image_url', image_url: { url: png, detail: 'all' } })],
    ['file-data', said('user', file({ file_data: pdfBytes().toString('base64') }))],
    ['file-data', said('user', file({ file_data: 'data:text/plain;base64,AAAA' }))],
    ['file-name', said('user', file({ filename: undefined }))],
    ['file-fields', said('user', file({ mime: 'x' }))],
    ['file-type', said('user', file({ filename: 'a.txt' }))],
    ['file-unreadable', said('user', file({ file_data: pdf(pngBytes()) }))],
    ['file-locked', said('user', file({ file_data: pdf(pdfBytes(1, { isLocked: true })) }))],
    ['no-pictures', said('user', picture()), DEEPSEEK],
    ['no-pictures', said('user', picture()), BLIND],
    ['no-files', said('user', file()), MISTRAL],
  ] as readonly (readonly [rule: string, message: object, server?: ServerRules])[])
    it(`${server.name} refuses what breaks ${rule}: ${JSON.stringify(message).slice(0, 120)}`, () =>
      expect(rulesOf(message, server)).to.include(rule));
});
