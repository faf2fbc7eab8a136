import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { readContained } from '../../../src/adapters/files/search-tree.ts';
import { isPortError, type PortErrorCode } from '../../../src/ports/index.ts';

const SECRET = 'what stands outside';
const files = makeWorkspaceFiles();
const { signal } = new AbortController();

describe('WorkspaceFiles on disk', () => {
  let base: string;
  let root: string;
  const write = (path: string, text: string | Uint8Array): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  const read = (path: string, offset = 0, maxBytes = 1000) => files.read(root, path, { offset, maxBytes, signal });
  const list = (path: string, limit = 100) => files.list(root, path, { limit, signal });
  const search = (pattern: string, query: { path?: string; glob?: string; ignoreCase?: boolean; limit?: number } = {}) => {
    const { path = '.', ...rest } = query;
    return files.search(root, path, { pattern, ignoreCase: false, limit: 100, ...rest }, { signal });
  };
  const refusal = async (attempt: Promise<unknown>): Promise<{ code: PortErrorCode; message: string }> => {
    try {
      await attempt;
    } catch (error) {
      if (!isPortError(error)) throw error;
      expect(error.message).not.to.include(SECRET);
      return { code: error.code, message: error.message };
    }
    throw new Error('nothing was refused');
  };

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'kept-files-'));
    root = join(base, 'root');
    mkdirSync(root);
    mkdirSync(join(base, 'root-twin'));
    writeFileSync(join(base, 'outside.txt'), SECRET);
    writeFileSync(join(base, 'root-twin/twin.txt'), SECRET);
    write('a.txt', 'alpha\nbeta\n');
    write('src/b.ts', 'const beta = 1;\n');
  });
  afterEach(() => rmSync(base, { recursive: true }));

  describe('containment', () => {
    const outside: [title: string, path: () => string][] = [
      ['..', () => '../outside.txt'],
      ['.. in the middle', () => 'src/../../outside.txt'],
      ['a sibling whose name begins alike', () => '../root-twin/twin.txt'],
      ['an absolute path', () => join(base, 'outside.txt')],
      ['/etc/passwd', () => '/etc/passwd'],
      ['a link to a file', () => 'file-link'],
      ['a link in the middle', () => 'directory-link/outside.txt'],
      ['a link over a link', () => 'link-to-link/outside.txt'],
      ['a missing path behind a link', () => 'directory-link/nothing/here'],
      ['a link to something missing outside', () => 'broken-link'],
      ['a path through a broken link', () => 'broken-link/more'],
      ['a NUL character', () => 'a.txt\0/../../outside.txt'],
      ['a link that goes round', () => 'round'],
    ];
    for (const [title, path] of outside)
      it(`refuses ${title}, by every way, naming the path`, async () => {
        symlinkSync(join(base, 'outside.txt'), join(root, 'file-link'));
        symlinkSync('..', join(root, 'directory-link'));
        symlinkSync('directory-link', join(root, 'link-to-link'));
        symlinkSync(join(base, 'nothing'), join(root, 'broken-link'));
        symlinkSync('round', join(root, 'round'));
        for (const attempt of [() => read(path()), () => list(path()), () => search('.', { path: path() })]) {
          const { code, message } = await refusal(attempt());
          expect(code).to.equal('invalid-request');
          expect(message).to.include(JSON.stringify(path()));
        }
      });

    it('allows links, .. and absolute paths that stay inside, and a root that is a link itself', async () => {
      symlinkSync('src', join(root, 'inner'));
      symlinkSync(root, join(base, 'alias'));
      expect((await read('inner/b.ts')).text).to.equal('const beta = 1;\n');
      expect((await read('src/../a.txt')).sizeBytes).to.equal(11);
      expect((await read(join(root, 'a.txt'))).sizeBytes).to.equal(11);
      for (const path of ['a.txt', join(base, 'alias/a.txt'), join(root, 'a.txt')])
        expect((await files.read(join(base, 'alias'), path, { offset: 0, maxBytes: 5, signal })).text).to.equal('alpha');
      expect((await files.search(join(base, 'alias'), '.', { pattern: 'beta', ignoreCase: false, limit: 9 }, { signal })).total).to.equal(
        2,
      );
    });

    it('takes .. names for names', async () => {
      write('..hidden/x', 'here');
      expect((await read('..hidden/x')).text).to.equal('here');
    });

    it('reads no file that a search found below a directory which became a link since', () => {
      symlinkSync('..', join(root, 'moved'));
      const buffer = Buffer.alloc(100);
      expect(readContained(root, join(root, 'moved/outside.txt'), buffer)).to.equal(undefined);
      expect(readContained(root, join(root, 'a.txt'), buffer)?.toString()).to.equal('alpha\nbeta\n');
    });

    it('gives nothing from outside while links come and go', async () => {
      mkdirSync(join(root, 'moving'));
      write('moving/outside.txt', 'inside');
      mkdirSync(join(root, 'spare'));
      let swaps = 0;
      let isOver = false;
      const swap = (): void => {
        if (isOver) return;
        setImmediate(swap);
        // Not in step with the reads.
        if (Math.random() < 0.7) return;
        if (swaps++ % 2 === 0) {
          renameSync(join(root, 'moving'), join(root, 'spare/moving'));
          symlinkSync('..', join(root, 'moving'));
        } else {
          rmSync(join(root, 'moving'));
          renameSync(join(root, 'spare/moving'), join(root, 'moving'));
        }
      };
      swap();
      let reads = 0;
      let refusals = 0;
      while (reads + refusals < 500 || reads < 20 || refusals < 20)
        await read('moving/outside.txt').then(
          ({ text }) => {
            reads++;
            expect(text).to.equal('inside');
          },
          (error) => {
            refusals++;
            expect(isPortError(error)).to.equal(true);
          },
        );
      for (let i = 0; i < 5; i++) expect((await search(SECRET)).total).to.equal(0);
      isOver = true;
    });
  });

  describe('read', () => {
    it('reads a part, and says where to read on, never inside a character', async () => {
      write('utf8.txt', 'aé€😀z');
      const parts: string[] = [];
      for (let offset = 0, more = true; more; ) {
        const part = await read('utf8.txt', offset, 5);
        expect(part.text).not.to.include('\ufffd');
        expect(part.endOffset).to.be.greaterThan(offset);
        parts.push(part.text);
        offset = part.endOffset;
        more = part.truncated;
      }
      expect(parts.join('')).to.equal('aé€😀z');
      expect(await read('utf8.txt', 2, 100)).to.deep.equal({ text: '€😀z', sizeBytes: 11, endOffset: 11, truncated: false });
      expect(await read('utf8.txt', 99)).to.deep.equal({ text: '', sizeBytes: 11, endOffset: 99, truncated: false });
    });

    it('gets to the end of a file that is not UTF-8', async () => {
      write('latin1.txt', Buffer.from('caf\xe9 \xbf\xbf\xbf\xbf\xbf\xbf end', 'latin1'));
      let text = '';
      for (let offset = 0, more = true; more; ) {
        const part = await read('latin1.txt', offset, 3);
        expect(part.endOffset).to.be.greaterThan(offset);
        text += part.text;
        offset = part.endOffset;
        more = part.truncated;
      }
      expect(text).to.include('caf').and.include(' end');
    });

    it('refuses what is not a text file, without waiting', async () => {
      write('binary', Uint8Array.of(65, 0, 66));
      write('late', Buffer.concat([Buffer.alloc(9000, 'x'), Buffer.from([0])]));
      execFileSync('mkfifo', [join(root, 'fifo')]);
      expect((await refusal(read('binary'))).message).to.equal('"binary" is not a text file');
      expect((await refusal(read('binary', 2))).code).to.equal('invalid-request');
      expect((await refusal(read('late', 8999, 10))).code).to.equal('invalid-request');
      expect((await refusal(read('fifo'))).message).to.include('not a regular file');
      expect((await refusal(read('src'))).message).to.include('is a directory');
      expect((await refusal(files.read('/dev', 'zero', { offset: 0, maxBytes: 9, signal }))).code).to.equal('invalid-request');
    });

    it('says not-found for what is missing, and for a missing root', async () => {
      for (const path of ['nothing', 'nothing/deeper', 'a.txt/inside']) {
        const { code, message } = await refusal(read(path));
        expect(code).to.equal('not-found');
        expect(message).to.include(JSON.stringify(path));
      }
      expect((await refusal(files.read(join(base, 'gone'), 'x', { offset: 0, maxBytes: 1, signal }))).code).to.equal('not-found');
      expect((await refusal(read('x'.repeat(5000)))).code).to.equal('invalid-request');
    });
  });

  describe('list', () => {
    it('names entries in order, with their kinds, up to the limit', async () => {
      symlinkSync('a.txt', join(root, 'link'));
      execFileSync('mkfifo', [join(root, 'fifo')]);
      expect(await list('.')).to.deep.equal({
        entries: [
          { name: 'a.txt', kind: 'file', sizeBytes: 11 },
          { name: 'fifo', kind: 'other' },
          { name: 'link', kind: 'link' },
          { name: 'src', kind: 'directory' },
        ],
        truncated: false,
      });
      expect(await list('', 1)).to.deep.equal({ entries: [{ name: 'a.txt', kind: 'file', sizeBytes: 11 }], truncated: true });
      expect((await refusal(list('a.txt'))).message).to.include('not a directory');
      expect((await refusal(list('nothing'))).code).to.equal('not-found');
    });
  });

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

    it('says why a pattern is none', async () => {
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

    it('understands what people write: named groups, inline flags, look-behinds and characters beyond the alphabet', async () => {
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

    it('ends a search at its deadline, with this process free all the while', async () => {
      for (let i = 0; i < 8; i++) write(`large-${i}.txt`, `${'word '.repeat(100_000)}\n`.repeat(8));
      let beats = 0;
      const pulse = setInterval(() => beats++, 5);
      const bounded = makeWorkspaceFiles({ searchTimeoutMs: 60 });
      const { code } = await refusal(bounded.search(root, '.', { pattern: '(\\w+\\s?){900}[!?]', ignoreCase: true, limit: 1 }, { signal }));
      clearInterval(pulse);
      expect(code).to.equal('timeout');
      expect(beats).to.be.greaterThan(3);
    });

    it('keeps a thread for other tenants, however many searches of one wait', async () => {
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

    it('ends at once when it is stopped', async () => {
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
