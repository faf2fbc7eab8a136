import { expect } from 'chai';
import { pdfBytes, pngBytes } from '../../support/media.ts';
import { brokenRules } from './rules.ts';
import type { Block, MessagesRequest } from './shape.ts';
import { makeThoughts } from './thoughts.ts';

const HEADERS = { 'anthropic-version': '2023-06-01', 'x-api-key': 'test', 'content-type': 'application/json' };
const TOOL = { name: 'look', description: 'Looks.', input_schema: { type: 'object' as const } };
const user = (...content: readonly object[]) => ({ role: 'user', content });
const agent = (...content: readonly object[]) => ({ role: 'assistant', content });
const text = (words: string) => ({ type: 'text', text: words });
const use = (id: string, name = 'look') => ({ type: 'tool_use', id, name, input: {} });
const result = (id: string, content: unknown = 'seen') => ({ type: 'tool_result', tool_use_id: id, content });
const cached = { cache_control: { type: 'ephemeral' } };
const image = (data = pngBytes().toString('base64'), media_type = 'image/png') => ({
  type: 'image',
  source: { type: 'base64', media_type, data },
});
const document = (bytes = pdfBytes(), more: object = {}) => ({
  type: 'document',
  title: 'plan.pdf',
  source: { type: 'base64', media_type: 'application/pdf', data: bytes.toString('base64') },
  ...more,
});
const textDocument = (data = 'milk') => ({
  type: 'document',
  title: 'notes.txt',
  source: { type: 'text', media_type: 'text/plain', data },
});

const VALID = {
  model: 'claude-sonnet-5-5',
  max_tokens: 1_000,
  stream: true,
  system: [{ ...text('Be brief.'), ...cached }],
  messages: [user({ ...text('hello'), ...cached }), agent(text('I look.'), use('a')), user(result('a'), text('and?'))],
  tools: [TOOL],
};
const rulesOf = (change: object, headers: Readonly<Record<string, string>> = HEADERS): readonly string[] =>
  brokenRules({ headers, body: { ...VALID, ...change } }).map(({ rule }) => rule);

describe("the tests' Messages API", () => {
  it('takes a request that keeps its rules', () => {
    expect(rulesOf({})).to.deep.equal([]);
    expect(rulesOf({ thinking: { type: 'adaptive' }, output_config: { effort: 'max' }, tool_choice: { type: 'none' } })).to.deep.equal([]);
  });

  it('takes pictures and documents from people', () => {
    const media = [image(), document(), textDocument(), { ...text('see'), ...cached }];
    expect(rulesOf({ messages: [user(...media)] })).to.deep.equal([]);
    expect(rulesOf({ messages: [user(text('x')), agent(image(), use('a')), user(result('a'))] })).to.include('role-content');
    expect(rulesOf({ messages: [user(text('x')), agent(document(), use('a')), user(result('a'))] })).to.include('role-content');
  });

  for (const [lacking, rule] of [
    ['images', 'no-images'],
    ['documents', 'no-documents'],
  ] as const)
    it(`refuses ${lacking} where it lacks them`, () => {
      const body = { ...VALID, messages: [user(image(), document(), text('see'))] };
      expect(brokenRules({ headers: HEADERS, body }, undefined, [lacking]).map((broken) => broken.rule)).to.deep.equal([rule]);
    });

  const without = (name: string) => Object.fromEntries(Object.entries(HEADERS).filter(([header]) => header !== name));
  for (const [name, rule] of [
    ['anthropic-version', 'version'],
    ['x-api-key', 'key'],
    ['content-type', 'content-type'],
  ] as const)
    it(`refuses a request without ${name}`, () => expect(rulesOf({}, without(name))).to.deep.equal([rule]));

  const planted: Readonly<Record<string, object>> = {
    shape: { reasoning_effort: 'high' },
    'first-user': { messages: [agent(text('hi')), user(text('hello'))] },
    alternation: { messages: [user(text('one')), user(text('two'))] },
    prefill: { messages: [user(text('one')), agent(text('The answer is'))] },
    'empty-content': { messages: [user()] },
    'blank-text': { messages: [user(text(' \n'))] },
    'role-content': { messages: [user({ type: 'thinking', thinking: '', signature: 'S' })] },
    'image-size': { messages: [user(image('A'.repeat(5_300_000)), text('see'))] },
    'image-count': { messages: [user(...Array.from({ length: 601 }, () => image()))] },
    'image-unreadable': { messages: [user(image('AAAA'))] },
    'image-type': { messages: [user(image(undefined, 'image/jpeg'))] },
    'image-pixels': { messages: [user(image(pngBytes(8_001, 1).toString('base64')))] },
    'pdf-empty': { messages: [user(document(Buffer.alloc(0)))] },
    'pdf-valid': { messages: [user(document(pngBytes()))] },
    'pdf-locked': { messages: [user(document(pdfBytes(1, { isLocked: true })))] },
    'pdf-pages': { messages: [user(document(pdfBytes(60)), document(pdfBytes(41)))] },
    'tool-name': { tools: [TOOL, { ...TOOL, name: 'functions.look' }] },
    'tool-name-twice': { tools: [TOOL, TOOL] },
    'tools-declared': { tools: [] },
    'choice-without-tools': { tools: [], messages: [user(text('hello'))], tool_choice: { type: 'none' } },
    'choice-unknown': { model: 'behind-a-gateway', tool_choice: { type: 'tool', name: 'fly' } },
    'tool-use-id': { messages: [user(text('x')), agent(use('a b')), user(result('a b'))] },
    'tool-use-id-twice': { messages: [user(text('x')), agent(use('a')), user(result('a')), agent(use('a')), user(result('a'))] },
    'tool-use-name': { messages: [user(text('x')), agent(use('a', 'functions.look')), user(result('a'))] },
    'result-missing': { messages: [user(text('x')), agent(use('a'), use('b')), user(result('a'))] },
    'result-orphaned': { messages: [user(text('x')), agent(use('a')), user(result('a'), result('b'))] },
    'result-twice': { messages: [user(text('x')), agent(use('a')), user(result('a'), result('a'))] },
    'results-first': { messages: [user(text('x')), agent(use('a')), user(text('and?'), result('a'))] },
    'max-tokens': { max_tokens: 128_001 },
    budget: { model: 'claude-haiku-4-5', thinking: { type: 'enabled', budget_tokens: 2_000 } },
    effort: { model: 'claude-haiku-4-5', output_config: { effort: 'low' } },
    'thinking-type': { thinking: { type: 'disabled' } },
    'forced-choice': { tool_choice: { type: 'any' } },
    sampling: { temperature: 0.5 },
    'cache-marks': { messages: [user(...[1, 2, 3, 4].map((n) => ({ ...text(`${n}`), ...cached })))] },
    surrogate: { messages: [user(text('half of one: \ud83d'))] },
    'schema-top': { tools: [{ ...TOOL, input_schema: { type: 'object', anyOf: [] } }] },
    'schema-keys': { tools: [{ ...TOOL, input_schema: { type: 'object', properties: { 'a b': {} } } }] },
    'request-size': { messages: [user(text('x'.repeat(33 * 1024 ** 2)))] },
  };
  for (const [rule, change] of Object.entries(planted))
    it(`refuses what breaks the rule ${rule}`, () => expect(rulesOf(change)).to.deep.equal([rule]));

  for (const [rules, change] of [
    [['prefill', 'trailing-whitespace'], { messages: [user(text('one')), agent(text('The answer is '))] }],
    [['blank-text', 'cache-blank'], { messages: [user(text('x'), { ...text(' '), ...cached })] }],
    [['budget', 'thinking-choice'], { model: 'x', thinking: { type: 'enabled', budget_tokens: 1_024 }, tool_choice: { type: 'any' } }],
    [['result-missing', 'prefill'], { messages: [user(text('x')), agent(use('a'))] }],
  ] as const)
    it(`refuses what breaks the rules ${rules.join(' and ')}`, () => expect(rulesOf(change)).to.have.members(rules));

  for (const [what, change] of [
    ['an unknown field of a block', { messages: [user({ ...text('x'), attached: 1 })] }],
    [
      'a cache point on a thinking block',
      { messages: [user(text('x')), agent({ type: 'thinking', thinking: '', signature: 'S', ...cached })] },
    ],
    ['a schema that is no object', { tools: [{ ...TOOL, input_schema: { type: 'string' } }] }],
    ['input that is no object', { messages: [user(text('x')), agent({ ...use('a'), input: 'x' }), user(result('a'))] }],
    ['an effort from elsewhere', { output_config: { effort: 'minimal' } }],
    ['a system message among the others', { messages: [{ role: 'system', content: 'x' }, user(text('x'))] }],
    ['an unknown kind of block', { messages: [user({ type: 'reasoning', text: 'x' })] }],
    ['no messages', { messages: [] }],
    ['a picture as a data URL', { messages: [user(image(`data:image/png;base64,${pngBytes().toString('base64')}`))] }],
    ['base64 in lines', { messages: [user(image(`${pngBytes().toString('base64')}\n`))] }],
    ['a picture of another type', { messages: [user(image(undefined, 'image/bmp'))] }],
    [
      'a document of another type',
      { messages: [user(document(undefined, { source: { type: 'base64', media_type: 'text/plain', data: 'AAAA' } }))] },
    ],
    ['a document with an empty title', { messages: [user(document(undefined, { title: '' }))] }],
    ['a document with a title without an end', { messages: [user(document(undefined, { title: 'x'.repeat(501) }))] }],
    ['a document without text', { messages: [user(textDocument(''))] }],
    ['a picture among the instructions', { system: [image()] }],
  ] as const)
    it(`refuses ${what}`, () => expect(rulesOf(change)).to.include('shape'));

  describe('about thoughts', () => {
    const thinking = (n: number): Block => ({ type: 'thinking', thinking: 'hm', signature: `S${n}` });
    const redacted: Block = { type: 'redacted_thinking', data: 'D' };
    const called = (id: string): Block => ({ type: 'tool_use', id, name: 'look', input: {} });
    const first = { ...VALID, messages: [user(text('hello'))] };
    const one = [thinking(1), redacted, called('a')];
    const two = [thinking(2), called('b')];
    const second = { ...first, messages: [...first.messages, agent(...one), user(result('a'))] };
    const third = { ...second, messages: [...second.messages, agent(...two), user(result('b'))] };
    const rules = (body: object): readonly string[] => {
      const thoughts = makeThoughts();
      thoughts.issue(first as unknown as MessagesRequest, one);
      thoughts.issue(second as unknown as MessagesRequest, two);
      return brokenRules({ headers: HEADERS, body }, thoughts).map(({ rule }) => rule);
    };
    const returned = (some: readonly Block[], others: readonly Block[] = two) => ({
      ...third,
      messages: [user(text('hello')), agent(...some), user(result('a')), agent(...others), user(result('b'))],
    });

    it('takes them back as they came, and a request without any', () => {
      expect(rules(second)).to.deep.equal([]);
      expect(rules(third)).to.deep.equal([]);
      expect(rules(returned([called('a')], [called('b')]))).to.deep.equal([]);
    });

    it('lets cache points move', () => {
      const messages = [user({ ...text('hello'), ...cached }), agent(...one), user({ ...result('a'), ...cached })];
      expect(rules({ ...second, system: [text('Be brief.')], messages })).to.deep.equal([]);
    });

    for (const [rule, what, body] of [
      ['signature', 'that were never sent', returned([thinking(7), called('a')])],
      ['thoughts-modified', 'that were changed', returned([{ ...thinking(1), thinking: '' } as Block, redacted, called('a')])],
      ['thoughts-modified', 'without the encrypted ones', returned([thinking(1), called('a')])],
      ['thoughts-moved', 'in another order', returned([redacted, thinking(1), called('a')])],
      ['thoughts-moved', 'behind the call that they led to', returned([called('a'), thinking(1), redacted])],
      ['thoughts-left-out', 'where others between were left out', returned(one, [called('b')])],
      ['prefix', 'where earlier ones were left out', returned([called('a')])],
      ['prefix', 'with other instructions before them', { ...second, system: 'Be long.' }],
      ['prefix', 'with other tools before them', { ...second, tools: [TOOL, { ...TOOL, name: 'other' }] }],
      ['prefix', 'with another message before them', { ...second, messages: [user(text('Ada: hello')), ...second.messages.slice(1)] }],
    ] as const)
      it(`refuses those ${what}`, () => expect(rules(body)).to.include(rule));
  });
});
