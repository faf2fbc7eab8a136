import { mkdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { readContained } from '../../../src/adapters/files/search-tree.ts';
import { isPortError } from '../../../src/ports/index.ts';
import { base, files, list, read, refusal, root, SECRET, search, signal, useWorkspaceOnDisk, write } from './workspace-on-disk.ts';

describe('Containment of the files of a workspace', () => {
  useWorkspaceOnDisk();

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
      it(`refuses ${title} in every call, and names the path`, async () => {
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

    it('reads a file whose name begins with two dots', async () => {
      write('..hidden/x', 'here');
      expect((await read('..hidden/x')).text).to.equal('here');
    });

    it('reads no file that a search found below a directory which became a link since', () => {
      symlinkSync('..', join(root, 'moved'));
      const buffer = Buffer.alloc(100);
      expect(readContained(root, join(root, 'moved/outside.txt'), buffer)).to.equal(undefined);
      expect(readContained(root, join(root, 'a.txt'), buffer)?.toString()).to.equal('alpha\nbeta\n');
    });

    it('reads nothing from outside while links come and go', async () => {
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
});
