import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';

const CLI = join(import.meta.dirname, '../../scripts/check-sizes.ts');

const lines = (count: number): string => 'export {};\n'.repeat(count);
/** A function whose first and last line are `count` lines apart, both counted. */
const spanning = (count: number): string => `export const act = () => {\n${'  act();\n'.repeat(count - 2)}};\n`;
const wide = (columns: number): string => `// ${'word '.repeat(30)}`.slice(0, columns - 1).padEnd(columns, 'x');
const REASON = '/** A table. Long because each of its rows has its reason beside it. */\n';

const CLEAN: Readonly<Record<string, string>> = {
  'src/domain/short.ts': lines(300),
  'src/domain/act.ts': spanning(120),
  'src/adapters/http/page/page.js': `${wide(120)}\n`,
  'scripts/build.ts': `/** See https://example.com/${'x'.repeat(120)} */\nexport const text = '${'x'.repeat(150)}';\n`,
  'test/domain/long.unit.ts': `describe('A suite', () => {\n${'  act();\n'.repeat(200)}});\n`,
  'src/domain/table.ts': REASON + lines(400),
  'src/domain/driver.ts': REASON + spanning(200),
};

describe('The size check', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-sizes-'));
    plant(CLEAN);
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const plant = (files: Readonly<Record<string, string>>): void => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    }
  };
  const check = (of?: string) => {
    const { status, stderr } = spawnSync(process.execPath, [CLI, ...(of === undefined ? [] : [of])], { encoding: 'utf8' });
    return { status, rows: stderr.split('\n').filter((row) => row !== '') };
  };

  it('passes this repository', () => {
    expect(check()).to.deep.equal({ status: 0, rows: [] });
  });

  it('passes files, functions and suites of the greatest length, addresses in comments, and files that say why they are long', () => {
    expect(check(root)).to.deep.equal({ status: 0, rows: [] });
  });

  for (const [what, file, text, row] of [
    ['a file of 301 lines', 'src/domain/long.ts', lines(301), 'src/domain/long.ts:1: a file has at most 300 lines: 301'],
    [
      'a file of tests of 301 lines',
      'test/domain/longer.unit.ts',
      `describe('A suite', () => {\n${'  act();\n'.repeat(299)}});\n`,
      'test/domain/longer.unit.ts:1: a file has at most 300 lines: 301',
    ],
    [
      'a test of 121 lines within a suite',
      'test/domain/longer.unit.ts',
      `describe('A suite', () => {\n  it('acts', () => {\n${'    act();\n'.repeat(119)}  });\n});\n`,
      'test/domain/longer.unit.ts:2: a function has at most 120 lines: 121',
    ],
    ['a helper of a bench of 121 lines', 'bench/long.ts', spanning(121), 'bench/long.ts:1: a function has at most 120 lines: 121'],
    ['an arrow function of 121 lines', 'src/domain/long.ts', spanning(121), 'src/domain/long.ts:1: a function has at most 120 lines: 121'],
    [
      'a function of 121 lines',
      'src/adapters/http/page/long.js',
      `\nfunction act() {\n${'  act();\n'.repeat(119)}}\n`,
      'src/adapters/http/page/long.js:2: a function has at most 120 lines: 121',
    ],
    [
      'a method of 121 lines',
      'scripts/long.ts',
      `class A {\n  act() {\n${'    this.act();\n'.repeat(119)}  }\n}\n`,
      'scripts/long.ts:2: a function has at most 120 lines: 121',
    ],
    [
      'a reason that does not stand at the head',
      'src/domain/long.ts',
      `${lines(301)}${REASON}`,
      'src/domain/long.ts:1: a file has at most 300 lines: 302',
    ],
    [
      'a comment of 121 columns',
      'test/domain/wide.unit.ts',
      `export {};\n${wide(121)}\n`,
      'test/domain/wide.unit.ts:2: a comment has at most 120 columns',
    ],
    [
      'a wide line within a block comment',
      'src/domain/wide.ts',
      `${REASON}/**\n * Narrow.\n${wide(121).replace('//', ' *')}\n */\nexport {};\n`,
      'src/domain/wide.ts:4: a comment has at most 120 columns',
    ],
  ] as const)
    it(`refuses ${what}`, () => {
      plant({ [file]: text });
      const { status, rows } = check(root);
      expect(status).to.equal(1);
      expect(rows).to.have.length(1);
      expect(rows[0]).to.include(row);
    });

  it('refuses to check nothing', () => {
    rmSync(root, { recursive: true });
    mkdirSync(root);
    expect(check(root).status).to.equal(1);
  });
});
