import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { workspacePlaces } from '../../../src/adapters/files/index.ts';
import { failureOf } from '../../support/failure-of.ts';
import { removeDirectory, takeDirectory } from '../../support/own-directory.ts';

describe('Where paths of a workspace lead', () => {
  let root = '';
  let workspace = '';
  beforeEach(async () => {
    root = takeDirectory('places');
    workspace = join(root, 'project');
    await mkdir(join(workspace, 'src'), { recursive: true });
    await mkdir(join(root, 'elsewhere'));
    await writeFile(join(workspace, 'src/a.ts'), '');
  });
  afterEach(() => removeDirectory(root));
  const placeOf = async (path: string): Promise<string | undefined> => (await workspacePlaces.locate(workspace, [path]))[0];
  const link = (target: string, name: string): Promise<void> => symlink(target, join(workspace, name));

  it('is told from the directory, also for what does not exist yet', async () => {
    const paths = ['src/a.ts', './src/../src/a.ts', join(workspace, 'src'), '.', 'new/deep/b.ts'];
    expect(await workspacePlaces.locate(workspace, paths)).to.deep.equal(['src/a.ts', 'src/a.ts', 'src', '.', 'new/deep/b.ts']);
  });

  it('is nowhere for what lies outside, and for what is no path', async () => {
    for (const path of ['..', '../elsewhere/x', '/etc/passwd', join(root, 'project-two'), '', 'a\0b'])
      expect(await placeOf(path), path).to.equal(undefined);
  });

  it('is where links lead', async () => {
    await link('src', 'inside');
    await link('../elsewhere', 'outside');
    await link('outside', 'further');
    expect(await placeOf('inside/a.ts')).to.equal('src/a.ts');
    for (const path of ['outside', 'outside/new.ts', 'further/new.ts']) expect(await placeOf(path), path).to.equal(undefined);
  });

  it('is nowhere for a link that leads to nothing, or round in a ring: who writes there writes through it', async () => {
    await link('../elsewhere/not-yet', 'dangling');
    await link('/nowhere/at/all', 'deep');
    await link('ring', 'ring');
    for (const path of ['dangling', 'dangling/x', 'deep', 'deep/x', 'ring', 'ring/x'])
      expect(await placeOf(path), path).to.equal(undefined);
  });

  it('can not be told without the directory', async () => {
    expect(await failureOf(workspacePlaces.locate(join(root, 'missing'), ['.']))).to.include({ code: 'not-found', retryable: false });
  });
});
