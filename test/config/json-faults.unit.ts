import { expect } from 'chai';
import fc from 'fast-check';
import { findJsonFaults } from '../../src/config/json-faults.ts';

const parses = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch (thrown) {
    expect(thrown).to.be.instanceOf(SyntaxError);
    return false;
  }
};

describe('findJsonFaults', () => {
  it('finds nothing in what JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ depthSize: 'medium' }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        fc.pre(!/[\x7f-\x9f]|__proto__/.test(text));
        expect(findJsonFaults(text)).to.deep.equal([]);
      }),
    );
  });

  it('finds a fault in everything that JSON.parse refuses', () => {
    const bits = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"a"',
      '"\\u12"',
      '1',
      '01',
      '-',
      '1e5',
      'null',
      'nul',
      ' ',
      '\n',
      '"',
      '\t',
      '\u00a0',
      "'",
    );
    fc.assert(
      fc.property(fc.array(bits, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const faults = findJsonFaults(text).filter(({ kind }) => kind === 'syntax');
        expect(faults.length === 0, JSON.stringify({ text, faults })).to.equal(parses(text));
      }),
      { numRuns: 3000 },
    );
  });

  const cases: [text: string, line: number, column: number, problem: RegExp][] = [
    ['', 1, 1, /expected a value, found the end/],
    ['{\n  "a" 1}', 2, 7, /expected ":"/],
    ["{'a': 1}", 1, 2, /double quotes/],
    ['{"a": 1 "b": 2}', 1, 9, /"," or "}"/],
    ['{"a": // why\n1}', 1, 7, /expected a value/],
    ['{"a": "open', 1, 7, /not closed/],
    ['[1,]', 1, 4, /expected a value, found "\]"/],
    ['{} {}', 1, 4, /the end of the file/],
    [`${'['.repeat(10_000)}`, 1, 66, /deeper than 64/],
    ['{"__proto__": 1}', 1, 2, /__proto__/],
  ];
  for (const [text, line, column, problem] of cases)
    it(`places ${JSON.stringify(text.slice(0, 20))}`, () => {
      const [fault] = findJsonFaults(text);
      expect(fault).to.include({ line, column });
      expect(fault?.problem).to.match(problem);
    });

  it('tells a key from the same key in another object, and sees through escapes', () => {
    expect(findJsonFaults('{"a": {"a": 1}, "b": [{"a": 1}]}')).to.deep.equal([]);
    expect(findJsonFaults('{"a": 1, "\\u0061": 2}')).to.have.length(1);
  });

  it('names the line of the first of two equal keys', () => {
    const [fault] = findJsonFaults('{\n"a": 1,\n"a": 2}');
    expect(fault).to.include({ line: 3, column: 1, problem: 'the key "a" stands twice in one object, first in line 2' });
  });

  it('reads a file with many keys in linear time', () => {
    const timed = (keys: number): number => {
      const text = `{${Array.from({ length: keys }, (_, i) => `"key ${i}": [${'1, '.repeat(20)}1]`).join(',\n')}}`;
      const begunAt = performance.now();
      expect(findJsonFaults(text)).to.deep.equal([]);
      return performance.now() - begunAt;
    };
    timed(1_000);
    expect(timed(16_000)).to.be.lessThan(64 * Math.max(timed(1_000), 2));
  });
});
