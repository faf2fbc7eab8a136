import { expect } from 'chai';
import { codingRefusal, isCodingTask } from '../../../src/domain/coding/coding-task.ts';
import { decidePermission, PERMISSION_KINDS, type PermissionKind } from '../../../src/domain/coding/permission.ts';
import { buildPolicy, buildPromise, buildWorkspace } from '../../../src/testing/index.ts';

const reasonOf = (kind: PermissionKind, ...places: readonly (string | undefined)[]): string | undefined => {
  const decision = decidePermission({ kind, places });
  return decision.allowed ? undefined : decision.reason;
};

describe('What a coding agent may do', () => {
  it('is to read, search and change files of the workspace', () => {
    for (const kind of ['read', 'search', 'edit', 'delete', 'move'] as const)
      for (const place of ['src/a.ts', '.', '.gitignore', '.github/workflows/ci.yml', '.env.example', 'a/.gitattributes'])
        expect(reasonOf(kind, place), `${kind} ${place}`).to.equal(undefined);
  });

  it('is nothing outside of the workspace, nor where one place of several is outside', () => {
    for (const kind of ['read', 'search', 'edit', 'delete', 'move'] as const) {
      expect(reasonOf(kind, undefined)).to.match(/outside/);
      expect(reasonOf(kind, 'src/a.ts', undefined)).to.match(/outside/);
    }
  });

  it('is nothing that does not say which file it means', () => {
    for (const kind of PERMISSION_KINDS.filter((one) => one !== 'think')) expect(reasonOf(kind), kind).to.not.equal(undefined);
  });

  it('is no command, no request to the network, and nothing unknown, wherever it says it is', () => {
    for (const kind of ['execute', 'fetch', 'other'] as const) expect(reasonOf(kind, 'src/a.ts')).to.not.equal(undefined);
  });

  it('is not to read or write secrets', () => {
    for (const kind of ['read', 'search', 'edit'] as const)
      for (const place of ['.env', 'deep/.env.local', '.ssh/id_ed25519', 'server.pem', '.ENV'])
        expect(reasonOf(kind, place), `${kind} ${place}`).to.match(/secrets/);
  });

  it('is not to change what others run', () => {
    for (const place of [
      '.git/hooks/pre-commit',
      '.git/config',
      'sub/.git/HEAD',
      '.claude/settings.json',
      '.MCP.json',
      '.Git/hooks/x',
      '.husky/x',
    ])
      expect(reasonOf('edit', place), place).to.not.equal(undefined);
    expect(reasonOf('read', '.git/HEAD')).to.equal(undefined);
  });
});

describe('Where code may be changed', () => {
  const policy = buildPolicy({
    workspaces: [buildWorkspace({ name: 'Dev', isDevGroup: true }), buildWorkspace({ name: 'Railway', isDevGroup: false })],
  });

  it('is in direct conversations and in dev groups', () => {
    expect(codingRefusal(policy, { chatKind: 'direct', scope: {} })).to.equal(undefined);
    expect(codingRefusal(policy, { chatKind: 'group', scope: { workspace: 'Dev' } })).to.equal(undefined);
  });

  it('is nowhere else, and the refusal says what to set', () => {
    expect(codingRefusal(policy, { chatKind: 'group', scope: { workspace: 'Railway' } })).to.include('workspaces.Railway.is_dev_group');
    expect(codingRefusal(policy, { chatKind: 'group', scope: {} })).to.not.equal(undefined);
    expect(codingRefusal(policy, { chatKind: 'group', scope: { workspace: 'Gone' } })).to.not.equal(undefined);
  });

  it('is known by the metadata of a promise, and by nothing else', () => {
    expect(isCodingTask(buildPromise({ metadata: { coding: true } }))).to.equal(true);
    expect(isCodingTask(buildPromise({ taskType: 'code' }))).to.equal(false);
    expect(isCodingTask(buildPromise({ metadata: { coding: 'true' } }))).to.equal(false);
  });
});
