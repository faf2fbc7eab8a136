import { execFileSync, spawnSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { files, refusal, root, search, signal, useWorkspaceOnDisk, write } from './workspace-on-disk.ts';

describe('Search in the files of a workspace', () => {
  useWorkspaceOnDisk();

  describe('search', () => {
    it('finds lines, counts on past the limit, and says what it read', async () => {
      expect(await search('beta')).to.deep.equal({
        matches: [
          { path: 'a.txt', line: 2, text: 'beta' },
          { path: 'src/b.ts', line: 1, text: 'const beta = 1;' },
        ],
        total: 2,
        filesMatched: 2,
        filesSearched: 2,
        filesSkipped: 0,
      });
      const limited = await search('.', { limit: 1 });
      expect(limited.matches).to.have.length(1);
      expect(limited.total).to.equal(3);
      expect((await search('BETA', { ignoreCase: true, path: 'src' })).total).to.equal(1);
      expect((await search('beta', { path: 'src/b.ts' })).matches[0]?.path).to.equal('src/b.ts');
      expect((await search('^$')).total, 'the end of the last line begins no other').to.equal(0);
    });

    it('skips .git, node_modules, binary and large files, links, and says so', async () => {
      write('.git/config', 'beta');
      write('node_modules/x/index.js', 'beta');
      write('src/node_modules/y.js', 'beta');
      write('image', Buffer.from('beta\0'));
      write('huge', 'beta\n'.repeat(1024 * 1024));
      symlinkSync('a.txt', join(root, 'link'));
      execFileSync('mkfifo', [join(root, 'fifo')]);
      expect(await search('beta')).to.include({ total: 2, filesSearched: 2, filesSkipped: 7 });
      expect(await search('beta', { path: 'node_modules/x' })).to.include({ total: 0, filesSearched: 0, filesSkipped: 1 });
    });

    it('obeys .gitignore files, inner over outer, as git does', async () => {
      write('.gitignore', '*.log\n/build/\n!keep.log\nsecret*\n');
      write('src/.gitignore', '!wanted.log\n/only-here\n');
      const paths = [
        'x.log',
        'keep.log',
        'build/out.ts',
        'src/build/in.ts',
        'src/wanted.log',
        'src/other.log',
        'src/only-here',
        'src/deep/only-here',
        'secrets/k',
        'SECRET',
      ];
      for (const path of paths) write(path, 'needle\n');
      const found = (await search('needle')).matches.map(({ path }) => path);
      const ignored = ['build/out.ts', 'secrets/k', 'src/only-here', 'src/other.log', 'x.log'];
      expect(found.toSorted()).to.deep.equal(paths.filter((path) => !ignored.includes(path)).toSorted());
      // Git itself says the same, where it is, whatever its user has set.
      const git = (...args: string[]) =>
        spawnSync('git', ['-C', root, ...args], {
          encoding: 'utf8',
          env: { PATH: process.env.PATH, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
        });
      if (!git('init', '--quiet').error)
        expect(
          git('check-ignore', '--no-index', ...paths)
            .stdout.trim()
            .split('\n')
            .toSorted(),
        ).to.deep.equal(ignored);
      expect(await search('needle', { path: 'secrets' })).to.include({ total: 0, filesSearched: 0 });
      expect(await search('needle', { path: 'src/other.log' })).to.include({ total: 0, filesSearched: 0 });
    });

    it('narrows by a glob on the path', async () => {
      for (const path of ['x.ts', 'x.tsx', 'x.js', 'lib/deep/y.ts', '!z.ts']) write(path, 'needle\n');
      const found = async (glob: string): Promise<string[]> => (await search('needle', { glob })).matches.map(({ path }) => path);
      expect(await found('*.ts')).to.deep.equal(['!z.ts', 'lib/deep/y.ts', 'x.ts']);
      expect(await found('*.{ts,tsx}')).to.deep.equal(['!z.ts', 'lib/deep/y.ts', 'x.ts', 'x.tsx']);
      expect(await found('lib/**/*.ts')).to.deep.equal(['lib/deep/y.ts']);
      expect(await found('./lib')).to.deep.equal(['lib/deep/y.ts']);
      expect(await found('!*.ts')).to.deep.equal(['x.js', 'x.tsx']);
      expect(await found('X.ts')).to.deep.equal([]);
    });

    it('says what is wrong with a pattern', async () => {
      const { code, message } = await refusal(search('(unclosed'));
      expect(code).to.equal('invalid-request');
      expect(message).to.include('Unterminated group');
      expect((await refusal(search('x'.repeat(3000)))).code).to.equal('invalid-request');
    });

    it('matches a pattern that makes other engines explode in time linear to the text', async () => {
      write('trap.txt', `${'a'.repeat(100_000)}!\n`);
      for (const pattern of ['^(a+)+$', '(a+)+b$', '(a*)*$b', '(.*a){20}[bc]$', '((a?){200})(a{200})+[bc]$'])
        expect((await search(pattern, { path: 'trap.txt' })).total, pattern).to.equal(0);
    });

    it('understands named groups, inline flags, look-behinds and characters beyond the alphabet', async () => {
      write('words.txt', 'Größe: 12 €\nprice: $30\n');
      for (const pattern of ['(?<word>Größe)', '(?i)PRICE', '(?<=\\$)\\d+', '\\p{Lu}r', '\\u20ac', '[^\\w\\s:$]', '\\bprice\\b', '€|\\/'])
        expect((await search(pattern, { path: 'words.txt' })).total, pattern).to.equal(1);
    });

    it('says in words that look-aheads and references are not supported', async () => {
      for (const pattern of ['a(?=b)', 'a(?!b)', '(a)\\1', '(?<x>a)\\k<x>']) {
        const { code, message } = await refusal(search(pattern));
        expect(code, pattern).to.equal('invalid-request');
        expect(message, pattern).to.include('not supported');
      }
    });

    it('ends a search at its deadline, and keeps this process free all the while', async () => {
      for (let i = 0; i < 8; i++) write(`large-${i}.txt`, `${'word '.repeat(100_000)}\n`.repeat(8));
      let beats = 0;
      const pulse = setInterval(() => beats++, 5);
      const bounded = makeWorkspaceFiles({ searchTimeoutMs: 60 });
      const { code } = await refusal(bounded.search(root, '.', { pattern: '(\\w+\\s?){900}[!?]', ignoreCase: true, limit: 1 }, { signal }));
      clearInterval(pulse);
      expect(code).to.equal('timeout');
      expect(beats).to.be.greaterThan(3);
    });

    it('keeps a thread for other tenants, however many searches of one tenant wait', async () => {
      for (let i = 0; i < 4; i++) write(`many/large-${i}.txt`, 'a line of words\n'.repeat(200_000));
      const order: string[] = [];
      const stop = new AbortController();
      const slow = { pattern: '(\\w+ ){3}x', ignoreCase: true, limit: 1 };
      const flood = Array.from({ length: 12 }, () =>
        files.search(root, 'many', slow, { signal: stop.signal, tenant: 'busy' }).then(
          () => order.push('busy'),
          () => order.push('stopped'),
        ),
      );
      await files.search(root, 'a.txt', { pattern: 'alpha', ignoreCase: false, limit: 1 }, { signal, tenant: 'other' });
      order.push('other');
      stop.abort();
      await Promise.all(flood);
      expect(order.indexOf('other')).to.be.lessThan(4);
    });

    it('ends a search at once when it is aborted', async () => {
      write('trap.txt', `${'a'.repeat(40)}!\n`);
      const stop = new AbortController();
      const running = refusal(files.search(root, '.', { pattern: '^(a+)+$', ignoreCase: false, limit: 1 }, { signal: stop.signal }));
      setImmediate(() => stop.abort());
      expect((await running).code).to.equal('aborted');
      for (const attempt of [
        files.read(root, 'a.txt', { offset: 0, maxBytes: 1, signal: stop.signal }),
        files.list(root, '.', { limit: 1, signal: stop.signal }),
        files.search(root, '.', { pattern: 'a', ignoreCase: false, limit: 1 }, { signal: stop.signal }),
      ])
        expect((await refusal(attempt)).code).to.equal('aborted');
    });
  });
});
