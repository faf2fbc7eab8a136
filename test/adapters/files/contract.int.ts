import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeWorkspaceFiles } from '../../../src/adapters/files/index.ts';
import { runContract, workspaceFilesContract } from '../../../src/testing/index.ts';

runContract({ describe, it }, 'workspace files on disk keep their law: they', workspaceFilesContract, () => {
  const base = mkdtempSync(join(tmpdir(), 'kept-files-'));
  const root = join(base, 'root');
  mkdirSync(join(root, 'src'), { recursive: true });
  writeFileSync(join(base, 'outside.txt'), 'what stands outside');
  writeFileSync(join(root, 'a.txt'), 'alpha\nbeta\n');
  writeFileSync(join(root, 'src/b.ts'), 'const beta = 1;\n');
  writeFileSync(join(root, 'binary.dat'), Buffer.from([0, 1, 2, 0, 255]));
  symlinkSync(join(base, 'outside.txt'), join(root, 'link'));
  return { subject: { files: makeWorkspaceFiles(), root }, close: () => rmSync(base, { recursive: true }) };
});
