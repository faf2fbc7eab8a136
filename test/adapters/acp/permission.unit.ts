import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { expect } from 'chai';
import { answerPermission } from '../../../src/adapters/acp/permission.ts';

type ToolCall = RequestPermissionRequest['toolCall'];

/** What is asked of the product for this request. */
const askedFor = async (toolCall: Partial<ToolCall>): Promise<{ readonly kind: string; readonly paths: readonly string[] }> => {
  let asked: { readonly kind: string; readonly paths: readonly string[] } | undefined;
  await answerPermission(
    {
      sessionId: 'one',
      toolCall: { toolCallId: 'call-1', ...toolCall },
      options: [{ optionId: 'yes', name: 'Allow', kind: 'allow_once' }],
    },
    {
      onProgress: () => undefined,
      onPermission: async (kind, _, paths) => {
        asked = { kind, paths };
        return { allowed: true };
      },
    },
    { toolCall: () => undefined, deny: () => undefined },
  );
  if (!asked) throw new Error('nothing was asked');
  return asked;
};

describe('What an agent of ACP asks for', () => {
  it('is asked about every place that it names: shown, changed, or among the arguments', async () => {
    const { paths } = await askedFor({
      kind: 'edit',
      locations: [{ path: 'shown.txt' }],
      content: [{ type: 'diff', path: 'changed.txt', newText: 'x' }],
      rawInput: { file_path: 'meant.txt', text: '/not/a/place' },
    });
    expect(paths).to.deep.equal(['shown.txt', 'changed.txt', 'meant.txt']);
  });

  it('is asked about where a file is moved from and to, whatever the agent calls these', async () => {
    for (const [from, to] of [
      ['source', 'destination'],
      ['old_path', 'new_path'],
      ['sourcePath', 'targetPath'],
      ['from', 'to'],
      ['src', 'dest'],
      ['oldFile', 'target_file'],
    ] as const) {
      const { kind, paths } = await askedFor({ kind: 'move', locations: [{ path: 'a' }], rawInput: { [from]: 'a', [to]: '.git/hooks/x' } });
      expect({ kind, paths }, to).to.deep.equal({ kind: 'move', paths: ['a', '.git/hooks/x'] });
    }
  });

  it('is denied where its arguments are too many to look through', async () => {
    const deep = JSON.parse(`${'{"a":'.repeat(20)}{"path":"/etc/passwd"}${'}'.repeat(20)}`) as object;
    const many = { paths: Array.from({ length: 2_000 }, (_, i) => (i < 1_999 ? 'a' : '/etc/passwd')) };
    for (const rawInput of [deep, many]) {
      const denials: unknown[] = [];
      const { outcome } = await answerPermission(
        {
          sessionId: 'one',
          toolCall: { toolCallId: 'call-1', kind: 'read', rawInput },
          options: [
            { optionId: 'yes', name: 'Allow', kind: 'allow_once' },
            { optionId: 'no', name: 'Reject', kind: 'reject_once' },
          ],
        },
        { onProgress: () => undefined, onPermission: async () => ({ allowed: true }) },
        { toolCall: () => undefined, deny: (denial) => denials.push(denial) },
      );
      expect(outcome).to.deep.equal({ outcome: 'selected', optionId: 'no' });
      expect(denials).to.deep.equal([{ title: 'call-1', reason: 'it could not be decided: its arguments are too many to look through' }]);
    }
  });

  it('is asked about each of several places', async () => {
    expect((await askedFor({ kind: 'read', rawInput: { paths: ['a', '../b'] } })).paths).to.deep.equal(['a', '../b']);
    expect((await askedFor({ kind: 'edit', rawInput: { edits: [{ path: 'a' }, { path: '/b' }] } })).paths).to.deep.equal(['a', '/b']);
  });
});
