import { expect } from 'chai';
import fc from 'fast-check';
import { digestOf } from '../../../src/domain/index.ts';
import { canonicalJson } from '../../../src/domain/shared/canonical-json.ts';
import { sha256 } from '../../../src/domain/shared/sha256.ts';
import { GROUP, telegramChat } from '../../../src/testing/index.ts';

const call = { tool: 'mcp__tracker__close', input: { number: 7, note: 'done' }, directory: '/srv/ada', chatId: telegramChat(501) };

describe('The digest of a call', () => {
  it('is another one for another tool, argument, chat or directory, and for nothing else', () => {
    const digest = digestOf(call);
    expect(digest).to.match(/^[\da-f]{64}$/);
    expect(digestOf({ ...call, input: { note: 'done', number: 7 } })).to.equal(digest);
    const others = [
      { tool: 'mcp__tracker__open' },
      { input: { number: 8, note: 'done' } },
      { input: { number: '7', note: 'done' } },
      { input: { number: 7 } },
      { input: { number: 7, note: 'done', more: null } },
      { input: [call.input] },
      { directory: '/srv' },
      { chatId: GROUP },
    ];
    const digests = others.map((other) => digestOf({ ...call, ...other }));
    expect(new Set([digest, ...digests]).size).to.equal(others.length + 1);
  });

  it('is the same for what a storage gives back, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (input) => {
        expect(digestOf({ ...call, input: JSON.parse(JSON.stringify(input)) })).to.equal(digestOf({ ...call, input }));
      }),
    );
  });

  it('has one text for equal values, and other texts for others', () => {
    expect(canonicalJson({ b: [1, { d: undefined, c: 'ä"' }], a: null })).to.equal('{"a":null,"b":[1,{"c":"ä\\""}]}');
    expect(canonicalJson({ 10: 1, 9: 2, ['__proto__']: 3 })).to.equal('{"10":1,"9":2,"__proto__":3}');
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).to.deep.equal(JSON.parse(JSON.stringify(value)));
      }),
    );
  });

  it('is SHA-256', () => {
    const known: readonly [text: string, hash: string][] = [
      ['', 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
      ['abc', 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'],
      ['a'.repeat(1_000_000), 'cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0'],
    ];
    for (const [text, hash] of known) expect(sha256(text)).to.equal(hash);
  });
});
