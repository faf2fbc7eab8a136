import { expect } from 'chai';
import { fitsName } from '../../../src/domain/agent/tool-name.ts';

describe('fitsName', () => {
  const cases: [name: string, pattern: string, fits: boolean][] = [
    ['read_file', 'read_file', true],
    ['read_files', 'read_file', false],
    ['mcp__notion__search', 'mcp__notion__*', true],
    ['mcp__notion', 'mcp__notion__*', false],
    ['anything', '*', true],
    ['', '*', true],
    ['ab', 'ab*b', false],
    ['abb', 'ab*b', true],
    ['axbyc', 'a*b*c', true],
    ['acb', 'a*b*c', false],
    ['abc', 'a*bc*c', false],
    ['a.c', 'abc', false],
    ['aXc', 'a.c', false],
  ];
  for (const [name, pattern, fits] of cases)
    it(`${fits ? 'takes' : 'refuses'} ${JSON.stringify(name)} for ${pattern}`, () => expect(fitsName(name, [pattern])).to.equal(fits));

  it('takes a name that fits one of several patterns', () => expect(fitsName('b', ['a', 'b*'])).to.equal(true));
  it('refuses every name where there is no pattern', () => expect(fitsName('b', [])).to.equal(false));
});
