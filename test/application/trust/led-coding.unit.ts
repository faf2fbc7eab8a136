import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCodingTools } from '../../../src/adapters/tools/index.ts';
import { makeToolActions } from '../../../src/application/index.ts';
import { makeCodingExecutor } from '../../../src/application/worker/coding-executor.ts';
import {
  type AgentPromise,
  DEFAULT_RETRY,
  makeShown,
  makeTurnDraft,
  NO_USAGE,
  promiseId,
  type TrustLabel,
} from '../../../src/domain/index.ts';
import {
  buildPolicy,
  buildPromise,
  buildWorkspace,
  GROUP,
  makeFixedClock,
  makeRecordingEvents,
  START,
  telegramUser,
} from '../../../src/testing/index.ts';
import { leased, progress, signal } from '../worker/agent-executor-harness.ts';

const policy = buildPolicy({ workspaces: [buildWorkspace({ isDevGroup: true })] });
const clock = makeFixedClock();
const redact = (text: string): string => text;

/** Asks for code in a dev group, in a turn that was shown this. */
const delegate = async (labels: readonly TrustLabel[]) => {
  const { stores } = makeMemoryStorage();
  const calendar = { next: () => ({ ok: true as const, value: START }), problem: () => undefined } as never;
  const actions = makeToolActions({ stores, clock, redact, retry: DEFAULT_RETRY, policy, calendar, timeZone: 'UTC' });
  const draft = makeTurnDraft();
  await makeCodingTools(actions)[0]?.run(
    { task: 'rename it' },
    {
      chatId: GROUP,
      chatKind: 'group',
      requestedBy: { id: telegramUser(501) },
      scope: { workspace: 'Railway', directory: '/srv/railway' },
      signal,
      draft,
      shown: makeShown([{ role: 'agent', text: '', toolCalls: [], provenance: { labels } }]),
    },
  );
  return draft.decisions.flatMap((decision) => (decision.type === 'ask-approval' ? [decision.approval] : []));
};

describe('Code that is to be changed in a dev group', () => {
  for (const labels of [['member'], ['member', 'file']] as const)
    it(`asks nobody after ${labels.at(-1)}: a coding agent reads the files of the workspace itself`, async () => {
      expect(await delegate(labels)).to.deep.equal([]);
    });

  for (const label of ['web', 'notion', 'guest', 'mcp:tracker'] as const)
    it(`waits for a person after ${label}, and shows the label`, async () => {
      const [approval] = await delegate(['member', label]);
      expect(approval?.labels).to.deep.equal(['member', label, 'agent']);
      expect(approval?.reason).to.match(/^This was led to by .*, which people here did not write: read it twice\.$/);
    });

  it('waits for a person where it builds on what others wrote', async () => {
    const asked: (string | undefined)[] = [];
    const shown: unknown[] = [];
    const execute = (parent: Partial<AgentPromise>) =>
      makeCodingExecutor({
        agent: { name: 'test', run: async () => ({ text: 'Done.', session: 's', usage: NO_USAGE, denials: [], stop: 'end' }) },
        changes: { remember: async () => undefined },
        places: { locate: async (_, paths) => [...paths] },
        locks: { take: async () => async () => undefined },
        limits: { maxTurns: 7, maxCostUsd: 2 },
        sessions: makeMemoryStorage().state('coding'),
        promises: { getMany: async () => [{ ...buildPromise({ id: promiseId(1) }), ...parent } as AgentPromise] },
        policy,
        guard: {
          require: async (promise, _, reason) => {
            asked.push(reason);
            shown.push(promise.provenance?.labels);
          },
        },
        clock,
        events: makeRecordingEvents(),
      }).execute(
        { ...leased({ chatId: GROUP, provenance: { labels: ['member', 'agent'] } }), dependsOn: [promiseId(1)] },
        { signal, progress },
      );
    await execute({ provenance: { labels: ['member', 'web'] } });
    await execute({ provenance: { labels: ['member', 'file'] } });
    expect(asked).to.deep.equal(['This was led to by a web page, which people here did not write: read it twice.', undefined]);
    expect(shown[0]).to.deep.equal(['member', 'web', 'agent']);
  });
});
