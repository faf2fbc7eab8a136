import { expect } from 'chai';
import { MOST_CHOICES, makeSaidWords } from '../../../src/domain/trust/said-words.ts';

const SCHEMA = {
  type: 'object',
  properties: {
    query: { type: 'string' },
    since: { type: 'string', enum: ['day', 'week'] },
    limit: { type: 'integer' },
    hosts: { type: 'array', items: { type: 'string' } },
    filter: { type: 'object', properties: { status: { type: 'string' } } },
  },
};

/** What was said, what is sent, and whether it carries nothing out. */
const ROWS: readonly (readonly [string, string, boolean])[] = [
  // Case, signs, forms of a word.
  ['When was Node 24 released?', 'Node 24 release', true],
  ['When was Node 24 released?', 'NODE 24 RELEASE', true],
  ['When was Node 24 released?', '"Node" (24): released!', true],
  ['When was Node 24 released?', 'latest Node 24 release date', false],
  ['When was Node 24 released?', 'latest Node 24 release notes 2026', true],
  ['Look up the price of copper', 'copper prices', true],
  ['Was kostet ein Fahrrad in München?', 'Fahrräder Preis MUNCHEN', true],
  ['Was kosten Fahrräder in München?', 'Fahrrader Munchen Preise', true],
  ['Combien coûte le café à Paris ?', 'prix café Paris', true],
  ['Сколько стоит новая книга?', 'новой книги цена', true],
  // Words that nobody said.
  ['Look up the price of copper', 'copper price hunter2', false],
  ['Look up the price of copper', 'copper zanzibar', false],
  ['Look up the price of copper', 'copperabc price', false],
  ['Look up the price of copper', 'c o p p e r s e c r e t', false],
  // Only so many words that nobody said, each once.
  ['copper', 'copper latest news price guide', true],
  ['copper', 'copper latest news price guide today', false],
  ['copper', 'copper latest latest', false],
  // Numbers are said as they are.
  ['Order 1,000 bolts for 3.50', '1000 bolts 3.50', true],
  ['Order 1000 bolts', '1,000 bolts', true],
  ['Order 1000 bolts', '1001 bolts', false],
  ['Order 12 bolts', '1 2 bolts', false],
  ['Room 4711', '47 11', false],
  // Addresses and names of files are said as a whole.
  ['See https://example.org/a?b=1.', 'https://example.org/a?b=1', true],
  ['See https://example.org/a and the secret', 'https://example.org/secret', false],
  ['See example.org and the secret', 'secret.example.org', false],
  ['Mail ann@example.org the secret', 'secret@example.org', false],
  ['copper price evil com', 'evil.com', false],
  ['copper price', 'copper%20price', false],
  ['copper price', 'copper_price', false],
  ['read notes.txt', 'notes.txt', true],
  ['copper, price', 'copper-price', true],
  // Scripts without spaces.
  ['请搜索北京天气', '北京天气', true],
  ['请搜索北京天气', '北京 天气', true],
  ['请搜索北京天气', '上海天气', false],
  ['東京の天気を調べて', '東京の天気', true],
  ['ช่วยหาราคาทองวันนี้', 'ราคาทอง', true],
  ['ช่วยหาราคาทองวันนี้', 'รหัสลับ', false],
  ['서울 날씨 알려줘', '서울 날씨', true],
  ['مرحبا ما هو سعر الذهب', 'سعر الذهب', true],
  // What is not seen hides nothing.
  ['copper price', 'cop​per price', false],
  ['copper price', '​​​', false],
  ['copper price', '', true],
];

const choices = (said: string, input: unknown): number => makeSaidWords([said]).choices(input, SCHEMA) ?? Number.POSITIVE_INFINITY;
const covers = (said: string, input: unknown): boolean => choices(said, input) < MOST_CHOICES;

describe('Words that trusted people said', () => {
  for (const [said, query, isCovered] of ROWS)
    it(`${isCovered ? 'cover' : 'do not cover'} ${JSON.stringify(query)} after ${JSON.stringify(said)}`, () => {
      expect(covers(said, { query })).to.equal(isCovered);
    });

  const INPUTS: readonly (readonly [string, unknown, boolean])[] = [
    ['what the schema gives to choose from', { query: 'copper', since: 'week' }, true],
    ['another word in its place', { query: 'copper', since: 'hunter2' }, false],
    ['a small number', { query: 'copper', limit: 10 }, true],
    ['a large number', { query: 'copper', limit: 83_947_201 }, false],
    ['a fraction', { query: 'copper', limit: 0.123 }, false],
    ['a list of words', { query: 'copper', hosts: ['price'] }, true],
    ['a list with another word', { query: 'copper', hosts: ['evil.example'] }, false],
    ['words deep inside', { filter: { status: 'copper' } }, true],
    ['other words deep inside', { filter: { status: 'hunter2' } }, false],
    ['a name that the schema does not have', { query: 'copper', hunter2: true }, false],
    ['more values than a call needs', { hosts: Array.from({ length: 50 }, () => 'copper') }, false],
    ['more words than a call needs', { query: 'copper price '.repeat(20) }, false],
  ];
  for (const [what, input, isCovered] of INPUTS)
    it(`${isCovered ? 'cover' : 'do not cover'} ${what}`, () => {
      expect(covers('the copper price', input)).to.equal(isCovered);
    });

  const CHOICES: readonly (readonly [string, unknown, number])[] = [
    ['words as they were said', { query: 'price of blue and red trains' }, 0],
    ['some of them, in their order', { query: 'price trains' }, 0],
    ['one elsewhere', { query: 'trains price' }, 1],
    ['one twice', { query: 'blue blue trains' }, 1],
    ['one that everybody uses', { query: 'latest price of blue trains' }, 1],
    ['a number', { query: 'price', limit: 7 }, 1],
    ['what the schema gives to choose from', { query: 'price', since: 'day' }, 1],
    ['many in an order of its own', { query: 'red blue red red blue trains blue red' }, 6],
  ];
  for (const [what, input, count] of CHOICES)
    it(`leave ${count} to choose freely: ${what}`, () => {
      expect(choices('Find the price of blue and red trains', input)).to.equal(count);
    });

  it('are read in a time that grows with their length alone', () => {
    const said = 'copper '.repeat(20_000);
    const startedAt = performance.now();
    expect(covers(said, { query: 'x'.repeat(100_000) })).to.equal(false);
    expect(performance.now() - startedAt).to.be.lessThan(2_000);
  });
});
