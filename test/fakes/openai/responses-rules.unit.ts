import { expect } from 'chai';
import { pdfBytes, pngBytes } from '../../support/media.ts';
import { brokenResponsesRules, makeSentThoughts } from './responses-rules.ts';

type Items = Record<string, unknown>[];

const look = { type: 'function', name: 'look', parameters: { type: 'object', properties: { path: { type: 'string' } } }, strict: false };
const thought = (n: number) => ({ type: 'reasoning', id: `rs_${n}`, summary: [], encrypted_content: `sealed-${n}` });
const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'look', arguments: '{}' });
const result = (call_id: string) => ({ type: 'function_call_output', call_id, output: 'seen' });
const person = { role: 'user', content: 'hello' };

const png = `data:image/png;base64,${pngBytes().toString('base64')}`;
const pdf = (bytes = pdfBytes()) => `data:application/pdf;base64,${bytes.toString('base64')}`;
const asking = (...content: readonly object[]) => ({ role: 'user', content });
const picture = (image_url = png) => ({ type: 'input_image', image_url, detail: 'auto' });
const file = (file_data = pdf(), filename = 'a.pdf') => ({ type: 'input_file', filename, file_data });

/** A request that the API takes. */
const whole = () => ({
  model: 'gpt-5.5',
  stream: true,
  store: false,
  include: ['reasoning.encrypted_content'],
  instructions: 'Be brief.',
  max_output_tokens: 100,
  reasoning: { effort: 'high' },
  input: [person, thought(1), call('a'), call('b'), result('b'), result('a'), { role: 'assistant', content: 'Seen.' }, person] as Items,
  tools: [look] as Record<string, unknown>[],
});
const changed = (change: (body: Record<string, unknown>, input: Items) => void) => {
  const body = whole();
  change(body, body.input);
  return brokenResponsesRules(body).map(({ rule }) => rule);
};

describe('The strict server of Responses', () => {
  it('takes what the API takes', () => expect(brokenResponsesRules(whole())).to.deep.equal([]));

  it('takes pictures and PDFs of people', () =>
    expect(changed((_, input) => input.push(asking(picture(), file(), { type: 'input_text', text: 'see' })))).to.deep.equal([]));

  const cases: readonly (readonly [string, string, Parameters<typeof changed>[0]])[] = [
    ['a parameter of Chat Completions', 'shape', (body) => Object.assign(body, { max_tokens: 5 })],
    ['a request that is stored', 'shape', (body) => Object.assign(body, { store: true })],
    ['no input', 'shape', (body) => Object.assign(body, { input: [] })],
    ['a limit that is too small', 'shape', (body) => Object.assign(body, { max_output_tokens: 15 })],
    ['an unknown effort', 'shape', (body) => Object.assign(body, { reasoning: { effort: 'much' } })],
    ['tools in the form of Chat Completions', 'shape', (body) => Object.assign(body, { tools: [{ type: 'function', function: look }] })],
    ['a choice without tools', 'choice-with-tools', (body) => Object.assign(body, { tools: undefined, tool_choice: 'none' })],
    ['a tool twice', 'tool-name-twice', (body) => Object.assign(body, { tools: [look, look] })],
    ['a schema that is strict by default', 'strict-schema', (body) => Object.assign(body, { tools: [{ ...look, strict: undefined }] })],
    ['a thought that is not encrypted', 'shape', (_, input) => input.splice(1, 1, { ...thought(1), encrypted_content: undefined })],
    ['arguments that are no object', 'shape', (_, input) => input.splice(2, 1, { ...call('a'), arguments: '[]' })],
    ['a call without a result', 'result-missing', (_, input) => input.splice(4, 1)],
    ['a result without a call', 'result-orphaned', (_, input) => input.splice(2, 1)],
    ['a result before its call', 'result-orphaned', (_, input) => input.unshift(result('a'))],
    ['a call id twice', 'call-id-twice', (_, input) => input.push(call('a'), result('a'))],
    ['a thought before a person', 'thought-alone', (_, input) => input.splice(7, 0, thought(2))],
    ['a picture without its type', 'shape', (_, input) => input.push(asking(picture(pngBytes().toString('base64'))))],
    ['a picture that is none', 'picture-unreadable', (_, input) => input.push(asking(picture('data:image/png;base64,AAAA')))],
    ['a picture in lines', 'picture-url', (_, input) => input.push(asking(picture(`${png}\n`)))],
    ['a file without its type', 'shape', (_, input) => input.push(asking(file(pdfBytes().toString('base64'))))],
    ['a file that is no PDF', 'file-unreadable', (_, input) => input.push(asking(file(pdf(pngBytes()))))],
    ['a file of another type', 'file-data', (_, input) => input.push(asking(file('data:text/plain;base64,AAAA')))],
    ['a file that is called another type', 'file-type', (_, input) => input.push(asking(file(pdf(), 'a.txt')))],
    ['a locked file', 'file-locked', (_, input) => input.push(asking(file(pdf(pdfBytes(1, { isLocked: true })))))],
    ['a picture of a developer', 'media-role', (_, input) => input.push({ ...asking(picture()), role: 'developer' })],
    ['a thought at the end', 'thought-alone', (_, input) => input.push(thought(2))],
  ];
  for (const [what, rule, change] of cases) it(`refuses ${what}`, () => expect(changed(change)).to.include(rule));

  it('takes its own thoughts back whole and in their places, and no others', () => {
    const thoughts = makeSentThoughts();
    const sent = [thought(1), call('a'), thought(2), call('b')] as Parameters<typeof thoughts.issue>[0];
    thoughts.issue(sent);
    const rulesOf = (...items: Items) => brokenResponsesRules({ ...whole(), input: items }, thoughts).map(({ rule }) => rule);
    const results = [result('a'), result('b')];
    expect(rulesOf(person, ...(sent as unknown as Items), ...results)).to.deep.equal([]);
    expect(rulesOf(person, call('a'), call('b'), ...results), 'none of them').to.deep.equal([]);
    expect(rulesOf(person, thought(1), call('a'), call('b'), ...results)).to.include('thought-moved');
    expect(rulesOf(person, thought(2), call('a'), thought(1), call('b'), ...results)).to.include('thought-moved');
    expect(rulesOf(person, thought(3), call('a'), result('a'))).to.include('thought-unknown');
  });
});
