import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect } from 'chai';

const COMMAND = join(import.meta.dirname, '../src/main/kept.ts');
const SOURCE = JSON.stringify(new URL('../src/', import.meta.url).href);

/**
 * Runs the command under this Node, which then claims to be another; `loaded` tells which of the project's files it
 * read.
 */
const runAs = (version: string) => {
  const pretend = `Object.defineProperty(process.versions, 'node', { value: '${version}' });
    const { registerHooks } = await import('node:module');
    registerHooks({ load: (url, context, next) => { if (url.startsWith(${SOURCE})) process.stdout.write('loaded ' + url.slice(${SOURCE}.length) + '\\n'); return next(url, context); } });`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(pretend)}`, COMMAND, '--version'],
    { encoding: 'utf8' },
  );
  const lines = stdout.trim().split('\n');
  return { status, stderr, loaded: lines.filter((line) => line.startsWith('loaded ')), printed: lines.at(-1) };
};

describe('The command and the Node it runs on', () => {
  for (const version of ['18.20.8', '20.20.2', '22.13.1']) {
    it(`says in two lines what it needs under Node ${version}, and loads nothing else`, () => {
      const { status, stderr, loaded } = runAs(version);
      expect(status).to.equal(78);
      const [first, second, ...rest] = stderr.trimEnd().split('\n');
      expect(first).to.equal(`kept needs Node 22.14 or newer; this is Node ${version} (${process.execPath}).`);
      expect(second).to.include('npm start').and.to.include('install Node 24');
      expect(rest).to.deep.equal([]);
      expect(loaded).to.deep.equal(['loaded main/kept.ts']);
    });
  }

  for (const version of ['22.14.0', '23.0.0', '24.21.0']) {
    it(`runs under Node ${version}, and prints no warning`, () => {
      const { status, stderr, printed } = runAs(version);
      expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
      expect(printed).to.match(/^\d+\.\d+\.\d+$/);
    });
  }

  it('ends quietly when nobody reads its output any more', () => {
    const { status, stderr } = spawnSync('sh', ['-c', '"$0" "$1" --help | true', process.execPath, COMMAND], { encoding: 'utf8' });
    expect({ status, stderr }).to.deep.equal({ status: 0, stderr: '' });
  });
});
