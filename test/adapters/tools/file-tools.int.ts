import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { makeFileTools } from '../../../src/adapters/tools/index.ts';
import { call, contextFor } from './harness.ts';

describe('File tools', () => {
  const tools = makeFileTools(makeWorkspaceFiles());
  let root: string;
  const run = async (name: string, input: unknown): Promise<string> => {
    const { output, isError } = await call(tools, name, input, contextFor(root));
    expect(isError, output).to.equal(false);
    expect(output.length).to.be.at.most(20_000);
    return output;
  };
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'kept-tools-'));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  it('are read-only', () => {
    expect(tools.map(({ name, effect }) => [name, effect])).to.deep.equal([
      ['read_file', 'reads'],
      ['list_files', 'reads'],
      ['search_files', 'reads'],
    ]);
  });

  it('read_file reads on to the end by the offsets that it names', async () => {
    const text = Array.from({ length: 8000 }, (_, i) => `Zeile ${i} ä€😀\n`).join('');
    writeFileSync(join(root, 'long.txt'), text);
    let all = '';
    for (let offset = 0; ; ) {
      const output = await run('read_file', { path: 'long.txt', offset });
      const note = /\n\[cut here: bytes (\d+) to (\d+) of \d+; read on with offset (\d+)\]$/.exec(output);
      all += note ? output.slice(0, note.index) : output;
      if (!note) break;
      offset = Number(note[3]);
    }
    expect(all).to.equal(text);
    writeFileSync(join(root, 'empty'), '');
    expect(await run('read_file', { path: 'empty' })).to.equal('[the file is empty]');
    expect(await run('read_file', { path: 'long.txt', offset: 10_000_000 })).to.match(/^\[nothing at offset/);
  });

  it('read_file reads on to the end where what stands for secrets is longer than they are', async () => {
    const lines = Array.from({ length: 3_000 }, (_, line) => `pwd=abc${String(line).padStart(4, '0')} line ${line}\n`);
    writeFileSync(join(root, 'settings.txt'), lines.join(''));
    let text = '';
    for (let offset: number | undefined = 0; offset !== undefined; ) {
      const part = await run('read_file', { path: 'settings.txt', offset });
      const [cut, next] = /\n\[cut here: .* read on with offset (\d+)\]$/.exec(part) ?? [''];
      text += part.slice(0, part.length - cut.length);
      offset = next === undefined ? undefined : Number(next);
    }
    expect(text).not.to.include('abc0').and.not.to.include('cut here');
    for (const line of [0, 1_500, 2_999]) expect(text).to.include(` line ${line}\n`);
  });

  it('list_files tells directories, links and sizes, and lets no name pass for another line', async () => {
    mkdirSync(join(root, 'src'));
    writeFileSync(join(root, 'a.txt'), 'abc');
    writeFileSync(join(root, 'b\nfake (1 bytes)'), '');
    symlinkSync('a.txt', join(root, 'link'));
    expect(await run('list_files', {})).to.equal('a.txt (3 bytes)\n"b\\nfake (1 bytes)" (0 bytes)\nlink@\nsrc/');
    expect(await run('list_files', { path: 'src' })).to.equal('[the directory is empty]');
  });

  it('search_files begins with what it counted', async () => {
    writeFileSync(join(root, 'a.txt'), 'one\n  TODO two\n');
    expect(await run('search_files', { pattern: 'todo', ignore_case: true })).to.equal(
      '1 matching line in 1 file (1 file searched, 0 skipped)\na.txt:2: TODO two',
    );
    writeFileSync(join(root, 'many.txt'), `${'x'.repeat(400)}\n`.repeat(500));
    const lines = (await run('search_files', { pattern: 'x', glob: '*.txt' })).split('\n');
    expect(lines[0]).to.equal('500 matching lines in 1 file (2 files searched, 0 skipped)');
    expect(lines.length).to.be.at.most(102);
    expect(lines.at(-1)).to.match(/more (matching )?lines are not/);
  });

  it('stay in the directory of the scope', async () => {
    for (const [name, input] of [
      ['read_file', { path: '../x' }],
      ['list_files', { path: '/' }],
      ['search_files', { pattern: 'x', path: '..' }],
    ] as const) {
      const refused = await call(tools, name, input, contextFor(root)).then(
        () => undefined,
        (error: { code: string }) => error.code,
      );
      expect(refused, name).to.equal('invalid-request');
    }
  });
});
