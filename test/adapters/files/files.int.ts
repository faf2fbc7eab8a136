import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { base, files, list, read, refusal, root, signal, useWorkspaceOnDisk, write } from './workspace-on-disk.ts';

describe('WorkspaceFiles on disk', () => {
  useWorkspaceOnDisk();

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

    it('reads to the end of a file that is not UTF-8', async () => {
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

    it('refuses a file that is not a text file, without waiting', async () => {
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

    it('rejects with not-found for a missing file or a missing root', async () => {
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
});
