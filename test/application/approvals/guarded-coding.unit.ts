import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeCodingTools, makePromiseTools } from '../../../src/adapters/tools/index.ts';
import { makePromiseGuard } from '../../../src/application/approvals/promise-guard.ts';
import { makeToolActions } from '../../../src/application/index.ts';
import { ApprovalNeededError } from '../../../src/application/tools/call-guard.ts';
import { applyDecisions } from '../../../src/application/turns/apply-decisions.ts';
import {
  approvalId,
  DEFAULT_RETRY,
  makeTurnDraft,
  promiseId,
  standingId,
  type TrustLabel,
  transitionApproval,
  type Workspace,
} from '../../../src/domain/index.ts';
import { makeShown } from '../../../src/domain/trust/shown.ts';
import type { ToolContext } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  buildWorkspace,
  GROUP,
  makeFixedClock,
  makeSeededRandomness,
  START,
  telegramUser,
} from '../../../src/testing/index.ts';

const DIRECTORY = '/srv/railway';

const stage = (workspace: Partial<Workspace> = {}) => {
  const storage = makeMemoryStorage();
  const clock = makeFixedClock();
  const randomness = makeSeededRandomness(1);
  const policy = buildPolicy({ workspaces: [buildWorkspace(workspace)] });
  const redact = (text: string): string => text;
  const calendar = { next: () => ({ ok: true as const, value: START }), problem: () => undefined } as never;
  const actions = makeToolActions({ stores: storage.stores, clock, redact, retry: DEFAULT_RETRY, policy, calendar, timeZone: 'UTC' });
  const tools = [...makeCodingTools(actions), ...makePromiseTools(actions)];
  const draft = makeTurnDraft();
  const context: ToolContext = {
    chatId: GROUP,
    chatKind: 'group',
    requestedBy: { id: telegramUser(501) },
    scope: { workspace: 'Railway', directory: DIRECTORY },
    signal: new AbortController().signal,
    draft,
  };
  const call = (name: string, input: unknown, within = context) => tools.find((tool) => tool.name === name)?.run(input, within);
  const commit = () => storage.unitOfWork.run((stores) => applyDecisions(stores, draft.decisions, { at: START, randomness }));
  const guard = makePromiseGuard({ approvals: storage.stores.approvals, clock });
  return { storage, call, commit, guard, context };
};

describe('Coding where no dev group is', () => {
  it('waits for an approval, which commits with its promise', async () => {
    const { storage, call, commit, guard } = stage();
    const told = await call('delegate_coding_task', { task: 'rename it' });
    expect(told?.output).to.include('Promise #1 is made').and.include('approval #1 is asked with this reply');
    await commit();
    const promise = await storage.stores.promises.get(promiseId(1));
    expect(promise).to.deep.include({ status: 'waiting', approvalId: 1 });
    const approval = await storage.stores.approvals.get(approvalId(1));
    expect(approval?.call).to.deep.equal({
      tool: 'delegate_coding_task',
      input: { task: 'rename it' },
      directory: DIRECTORY,
      chatId: GROUP,
    });
    expect(approval?.reason).to.equal('Code is to be changed outside of a dev group.');
    if (!promise) throw new Error('no promise');
    const refused = await guard.require(promise, DIRECTORY, 'why').catch((error: unknown) => error);
    expect(refused, 'nobody has approved it').to.be.instanceOf(ApprovalNeededError);
    await storage.stores.approvals.update([approvalId(1)], (stored) => {
      const next = transitionApproval(stored, { type: 'approve', at: START, by: 'operator' });
      return next.ok ? next.value : undefined;
    });
    await guard.require(promise, DIRECTORY, 'why');
    const changed = await guard.require({ ...promise, description: 'delete it' }, DIRECTORY, 'why').catch((error: unknown) => error);
    expect(changed).to.have.property('message', 'It was not done: this call has changed since it was asked about.');
    const moved = await guard.require(promise, '/srv', 'why').catch((error: unknown) => error);
    expect(moved).to.have.property('code', 'unauthorised');
  });

  it('needs none in a dev group, unless `approve` names it', async () => {
    const free = stage({ isDevGroup: true });
    expect((await free.call('delegate_coding_task', { task: 'rename it' }))?.output).to.not.include('approval');
    const named = stage({ isDevGroup: true, approve: ['delegate_*'] });
    expect((await named.call('delegate_coding_task', { task: 'rename it' }))?.output).to.include('approval #1 is asked');
    await named.commit();
    expect((await named.storage.stores.approvals.get(approvalId(1)))?.reason).to.equal(
      'workspaces.Railway.approve names delegate_coding_task.',
    );
  });

  it('runs by a standing approval of that place, as long as nobody else had a say in it', async () => {
    const { storage, call, commit, guard, context } = stage();
    const clock = { givenAt: START, expiresAt: START + 1_000 };
    const given = { id: standingId(1), tool: 'delegate_coding_task', directory: DIRECTORY, chatId: GROUP, ...clock };
    await storage.stores.approvals.addStanding({ ...given, givenBy: 'operator', approvalId: approvalId(1) });
    const shown = (label: TrustLabel) => makeShown([{ role: 'person', name: 'Ada', text: 'do it', provenance: { labels: [label] } }]);
    const delegate = (label: TrustLabel) => call('delegate_coding_task', { task: 'rename it' }, { ...context, shown: shown(label) });
    expect((await delegate('member'))?.output)
      .to.include('Promise #1 is made')
      .and.not.include('approval');
    await commit();
    expect((await storage.stores.promises.get(promiseId(1)))?.metadata).to.include({ standing: 1 });
    expect((await delegate('web'))?.output, 'led to by a web page').to.include('approval #1 is asked');
    expect((await call('delegate_coding_task', { task: 'rename it' }))?.output, 'nobody knows by what').to.include('approval #2 is asked');
    const task = buildPromise({ chatId: GROUP, description: 'rename it', metadata: { coding: true } });
    const run = (labels: readonly TrustLabel[], directory = DIRECTORY) =>
      guard.require({ ...task, provenance: { labels } }, directory, 'why').catch((error: unknown) => error);
    expect(await run(['member', 'agent'])).to.equal(undefined);
    for (const asks of [run(['web', 'agent']), run([]), run(['member'], '/srv')]) expect(await asks).to.be.instanceOf(ApprovalNeededError);
  });

  it('so do promises that `approve` names, with parents or without', async () => {
    const { storage, call, commit } = stage({ approve: ['make_promise'] });
    await call('make_promise', { description: 'first' });
    await call('make_promise', { description: 'second', depends_on: [1] });
    await commit();
    expect(await storage.stores.promises.get(promiseId(2))).to.deep.include({ status: 'waiting', approvalId: 2 });
    expect((await storage.stores.approvals.get(approvalId(2)))?.call.input).to.deep.include({ description: 'second', depends_on: [1] });
  });
});
