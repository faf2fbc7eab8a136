import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { scopeAsked } from '../../src/main/commands/agent-scope.ts';
import { CommandError } from '../../src/main/failures.ts';
import { buildPolicy, buildWorkspace } from '../../src/testing/index.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

describe('What a run of the command line works on', () => {
  let root = '';
  beforeEach(() => {
    root = takeDirectory('scope');
    for (const name of ['railway/src', 'railway-two', 'elsewhere']) mkdirSync(join(root, name), { recursive: true });
    writeFileSync(join(root, 'railway/readme.md'), '');
    symlinkSync('../elsewhere', join(root, 'railway/link'));
    symlinkSync('railway', join(root, 'alias'));
  });
  afterEach(() => removeDirectory(root));
  const policy = () => buildPolicy({ workspaces: [buildWorkspace({ directory: join(root, 'railway') })] });
  const refusal = (asked: Parameters<typeof scopeAsked>[1]): string => {
    try {
      scopeAsked(policy(), asked);
    } catch (error) {
      if (error instanceof CommandError) return error.code;
      throw error;
    }
    return 'none';
  };

  it('is the directory of local chats, the one that is named, or that of the workspace', () => {
    expect(scopeAsked(policy(), {})).to.deep.equal({ directory: '/srv/default' });
    expect(scopeAsked(policy(), { dir: join(root, 'elsewhere') })).to.deep.equal({ directory: join(root, 'elsewhere') });
    expect(scopeAsked(policy(), { project: 'TRAINS' })).to.deep.equal({ workspace: 'Railway', directory: join(root, 'railway') });
  });

  it('is a directory of the workspace where both are named, behind every link', () => {
    const scope = { workspace: 'Railway', directory: join(root, 'railway/src') };
    expect(scopeAsked(policy(), { project: 'Railway', dir: join(root, 'railway/src') })).to.deep.equal(scope);
    expect(scopeAsked(policy(), { project: 'Railway', dir: join(root, 'alias/src') })).to.deep.equal(scope);
  });

  it('is refused for a directory outside of the workspace that is named', () => {
    for (const dir of ['elsewhere', 'railway-two', 'railway/link', '.', 'railway/../elsewhere'])
      expect(refusal({ project: 'Railway', dir: join(root, dir) }), dir).to.equal('scope/outside');
  });

  it('is refused where there is no such workspace or directory', () => {
    expect(refusal({ project: 'Rail' })).to.equal('workspace/not-found');
    for (const dir of ['missing', 'railway/readme.md']) expect(refusal({ dir: join(root, dir) }), dir).to.equal('scope/no-directory');
  });
});
