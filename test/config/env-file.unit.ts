import { expect } from 'chai';
import { parse } from 'dotenv';
import fc from 'fast-check';
import { readEnvFile } from '../../src/config/env-file.ts';

const read = (text: string | Uint8Array) => readEnvFile(typeof text === 'string' ? new TextEncoder().encode(text) : text);
/** Severity and line of each problem. */
const told = (text: string | Uint8Array): string[] => read(text).problems.map(({ severity, place }) => `${severity} ${place}`);

describe('A .env file', () => {
  it('reads blanks, comments and NAME=value, quoted or not, over several lines or with export', () => {
    const { variables, problems } = read(
      `\uFEFF# of this machine\r\n\nPORT = 8001 # free\n export HOST=::1\nEMPTY=\nA='it "is" # 1' # one\nB="l1\\nl2"\nC="over\nlines"\n\tD=a#b\nE=it's\n`,
    );
    expect(problems).to.deep.equal([]);
    expect(variables).to.deep.equal({
      PORT: '8001',
      HOST: '::1',
      EMPTY: '',
      A: 'it "is" # 1',
      B: 'l1\nl2',
      C: 'over\nlines',
      D: 'a',
      E: "it's",
    });
  });

  for (const [name, line] of [
    ['a word', 'sk-ant-oops'],
    ['a name without a value', 'export PORT'],
    ['a colon', 'PORT: 9000'],
    ['no name', '=9000'],
    ['a name that is none', '1PORT=9000'],
    ['a comment of another language', '// PORT=9000'],
    ['an unterminated quote', 'PORT="9000'],
    ['a quote that ends too early', `PORT='90'00'`],
    ['NUL', 'PORT=90\0'],
  ] as const)
    it(`is told the line of ${name}, which is not repeated, and read on`, () => {
      const { variables, problems } = read(`A=1\n\n${line}\nB=2\n`);
      expect(problems).to.have.length(1);
      expect(problems[0]).to.include({ place: '.env: line 3', severity: 'error' });
      expect(JSON.stringify(problems)).not.to.match(/oops|9000|90/);
      expect(variables).to.deep.equal({ A: '1', B: '2' });
    });

  it('reports every wrong line at once, with the right number after a value of several lines', () => {
    expect(told('oops\nA="x\ny"\nB\n"\nC=`')).to.deep.equal([
      'error .env: line 1',
      'error .env: line 4',
      'error .env: line 5',
      'error .env: line 6',
    ]);
  });

  it('refuses a .env file that is not UTF-8', () => {
    const { variables, problems } = read(Uint8Array.from([...new TextEncoder().encode('A=1\nB='), 0xe9, 10, 67, 61, 50]));
    expect(problems.map(({ place, severity, problem }) => [place, severity, problem])).to.deep.equal([
      ['.env: line 2', 'error', 'this holds a character that is broken, or not UTF-8'],
    ]);
    expect(variables).to.deep.equal({ A: '1', C: '2' });
    expect(told(Buffer.from('A=1\n', 'utf16le'))).to.include('error .env: line 1');
  });

  it('warns of a name that is given twice, with both lines; the last one counts', () => {
    const { variables, problems } = read('PORT=1\n# PORT=5\nexport PORT=2\nPORT=3\n');
    expect(variables).to.deep.equal({ PORT: '3' });
    expect(problems).to.deep.equal([
      { place: '.env: line 3', problem: 'PORT is given in line 1 too: the last one counts', hint: 'keep one of them', severity: 'warning' },
      { place: '.env: line 4', problem: 'PORT is given in line 3 too: the last one counts', hint: 'keep one of them', severity: 'warning' },
    ]);
  });

  it('warns of a closing quote that none opened', () => {
    expect(told(`A=abc"\nB=it's\nC=it's so'\nD='\nE="x"`.replace("D='\n", ''))).to.deep.equal(['warning .env: line 1']);
  });

  it('reads a .env file as other programs do', () => {
    const piece = fc.constantFrom('A', 'B', '=', '=', ' ', '"', "'", '`', '#', '\\n', '\\', '\n', '\n', '\r\n', 'export ', 'x', '1', '\t');
    const text = fc.oneof(
      fc.string({ unit: piece, maxLength: 20 }),
      fc
        .array(fc.tuple(fc.constantFrom('A=', 'B = ', 'export C='), fc.string({ unit: piece, maxLength: 8 })), { maxLength: 4 })
        .map((lines) => lines.map(([name, value]) => name + value).join('\n')),
    );
    fc.assert(
      fc.property(text, (source) => {
        const { variables, problems } = read(source);
        if (!problems.some(({ severity }) => severity === 'error')) expect(variables).to.deep.equal(parse(source));
      }),
      { numRuns: 3_000 },
    );
  });
});
