import { expect } from 'chai';
import fc from 'fast-check';
import { hostNote as onTelegram } from '../../../src/adapters/telegram/format/links.ts';

const page: { readonly hostNote: typeof onTelegram } = await import(
  String(new URL('../../../src/adapters/http/page/hosts.js', import.meta.url))
);

const NAMES = [
  'bank.example',
  'www.bank.example',
  'evil.example',
  'a.bank.example',
  'bänk.example',
  '192.0.2.1',
  'localhost',
  'bank',
  '1.5',
];
const SIGNS = [
  '',
  ' ',
  'https://',
  'mailto:',
  '/',
  '?',
  '#',
  ':443',
  '.',
  '!',
  '|',
  '—',
  '%',
  '(',
  ')',
  '"',
  '\\',
  '\u200b',
  '\u00b7',
  '\u2800',
];
const text = fc.array(fc.constantFrom(...NAMES, ...SIGNS, 'the bank'), { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
const address = fc.constantFrom('https://bank.example/', 'https://evil.example/x', 'https://www.bank.example/', 'https://192.0.2.1/');

describe('The host behind a link', () => {
  it('is told on the page where it is told on Telegram, which knows accounts besides', () => {
    fc.assert(
      fc.property(text, address, (said, url) => {
        fc.pre(said !== url);
        expect(page.hostNote(url, said), JSON.stringify(said)).to.equal(onTelegram(url, said));
      }),
      { numRuns: 2_000 },
    );
  });
});
