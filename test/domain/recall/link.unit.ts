import { expect } from 'chai';
import { linksOf, readLink } from '../../../src/domain/index.ts';
import { listedLinks, MAX_LINK_LENGTH, wordsOfLink } from '../../../src/domain/recall/link.ts';
import { slowTexts } from '../../support/hostile-texts.ts';

const keys = (text: string): readonly string[] => linksOf(text).map(({ key }) => key);

describe('The address of a page', () => {
  for (const [same, key] of [
    [['https://kept.example', 'http://www.kept.example/', 'HTTPS://KEPT.EXAMPLE/#top'], 'kept.example'],
    [['https://kept.example/a/?utm_source=x&b=1', 'https://kept.example/a/?b=1&fbclid=2'], 'kept.example/a/?b=1'],
    [['https://ada:secret@kept.example/a'], 'kept.example/a'],
  ] as const)
    it(`is one for ${same.join(', ')}`, () => expect(same.map((url) => readLink(url)?.key)).to.deep.equal(same.map(() => key)));

  it('tells apart what stands behind a sign that pages are named by', () =>
    expect(readLink('https://kept.example/#/b')?.key).to.equal('kept.example#/b'));

  it('keeps no credentials', () => expect(readLink('https://ada:hunter2@kept.example/a')?.url).to.equal('https://kept.example/a'));

  for (const [text, url] of [
    ['https://kept.example,', 'https://kept.example/'],
    ['https://kept.example/a?b=1?!', 'https://kept.example/a?b=1'],
    ['https://kept.example/a).', 'https://kept.example/a'],
    ['https://kept.example/a_(b)', 'https://kept.example/a_(b)'],
    ['https://kept.example/a_(b)).', 'https://kept.example/a_(b)'],
    ['http://[::1]', 'http://[::1]/'],
    ['http://[::1]]', 'http://[::1]/'],
    ['https://kept.example/a,b;c', 'https://kept.example/a,b;c'],
  ] as const)
    it(`is in ${text} without the punctuation behind it`, () => expect(readLink(text)?.url).to.equal(url));

  for (const text of [
    '',
    ' ',
    ',',
    'https://,',
    'kept.example',
    'ftp://kept.example',
    'javascript:alert(1)',
    'https://',
    'https:///a',
    'https://a b',
    'http://[::',
  ])
    it(`is not ${JSON.stringify(text)}`, () => expect(readLink(text)).to.equal(undefined));

  it('has its bound', () => {
    expect(readLink(`https://kept.example/${'a'.repeat(MAX_LINK_LENGTH)}`)).to.equal(undefined);
    // Each of these signs is three in the address.
    expect(readLink(`https://kept.example/${'é'.repeat(MAX_LINK_LENGTH / 2)}`)).to.equal(undefined);
  });

  it('has the words that people read in it, also where its escapes are broken', () => {
    expect(wordsOfLink({ url: 'https://kept.example/%D1%80%D0%B0%D1%81%D0%BF' })).to.include('расп');
    expect(wordsOfLink({ url: 'https://kept.example/%ff%zz' })).to.include('kept');
  });
});

describe('The links of a message', () => {
  it('are those of a text that is nothing else, each once', () => {
    expect(keys('https://a.example\n https://b.example/x')).to.deep.equal(['a.example', 'b.example/x']);
    expect(keys('https://a.example https://www.a.example/#b')).to.deep.equal(['a.example']);
  });

  it('are found beside the files that came with it', () => {
    expect(keys('[photo]\nhttps://a.example')).to.deep.equal(['a.example']);
    expect(keys('[document: notes.txt]\n[saved as inbox/notes.txt]')).to.deep.equal([]);
  });

  for (const text of [
    '',
    '\n',
    'look: https://a.example',
    'https://a.example!?\nhm',
    'https://a.example, https://b.example and c',
    '[x] todo\nhttps://a.example',
  ])
    it(`are none in ${JSON.stringify(text)}`, () => expect(keys(text)).to.deep.equal([]));

  it('are saved up to ten, and the others counted', () => {
    const list = (count: number): string => Array.from({ length: count }, (_, n) => `https://kept.example/${n % 20}`).join(' ');
    const counts = (count: number) => [keys(list(count)).length, listedLinks(list(count)).left];
    expect([10, 11, 12, 40].map(counts)).to.deep.equal([
      [10, 0],
      [10, 1],
      [10, 2],
      [10, 10],
    ]);
    expect(keys(list(12)).at(-1)).to.equal('kept.example/9');
    expect(listedLinks(`${list(12)} and more`)).to.deep.equal({ links: [], left: 0 });
    expect(keys('https://kept.example/a '.repeat(9_000))).to.deep.equal([]);
  });

  for (const text of [
    'https://a.example, https://b.example/x',
    'https://a.example,https://b.example/x;',
    'https://a.example; https://b.example/x.',
    '<https://a.example> (https://b.example/x)',
    '«https://a.example» „https://b.example/x”',
    "“https://a.example”, 'https://b.example/x'",
    '- https://a.example\n- https://b.example/x!',
    'https://a.example | `https://b.example/x`',
    '[https://a.example] https://b.example/x…',
  ])
    it(`are without the punctuation of ${JSON.stringify(text)}`, () => expect(keys(text)).to.deep.equal(['a.example', 'b.example/x']));

  it('are read in linear time', () => {
    expect(slowTexts(linksOf, 20_000)).to.deep.equal([]);
    expect(slowTexts((text) => linksOf(`https://a.example/${text}`), 4_000)).to.deep.equal([]);
  });
});
