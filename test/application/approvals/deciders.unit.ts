import { expect } from 'chai';
import { approvalId } from '../../../src/domain/index.ts';
import type { DecidedBy } from '../../../src/ports/index.ts';
import { buildPolicy, GROUP, telegramUser } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance } from '../support/harness.ts';

import { ADA, GRACE, GROUPS, person, stage } from './stage.ts';

describe('Who decides', () => {
  it('is an owner of the place, in that chat, and nobody else', async () => {
    const { ask, approval, effects, work } = stage({ policy: GROUPS });
    const process = await ask(GROUP, GRACE);
    const tries: readonly [by: DecidedBy, code: string][] = [
      [person(GRACE, GROUP), 'approval/not-entitled'],
      [person(ADA), 'approval/elsewhere'],
      [person(telegramUser(777000), GROUP), 'approval/not-entitled'],
    ];
    for (const [by, code] of tries)
      for (const verdict of ['approve', 'deny'] as const) {
        const refused = await process.approvals.decide(approvalId(1), verdict, by);
        expect(refused.ok ? 'ok' : refused.error.code, JSON.stringify(by)).to.equal(code);
      }
    const forged = await process.approvals.decide(approvalId(1), 'approve', person(ADA, GROUP), { token: 'guess' });
    expect(forged.ok ? 'ok' : forged.error.code).to.equal('approval/forged');
    expect((await process.approvals.decide(approvalId(9), 'approve', person(ADA, GROUP))).ok).to.equal(false);
    expect([(await approval()).status, effects]).to.deep.equal(['asked', []]);
    const { token } = await approval();
    expect((await process.approvals.decide(approvalId(1), 'approve', person(ADA, GROUP), { token })).ok).to.equal(true);
    await work();
    expect(effects.length).to.equal(1);
  });

  it('is one of many who tap at the same moment; the others are told who', async () => {
    const { ask, process, effects, work } = stage();
    await ask();
    const decided = await Promise.all(
      Array.from({ length: 20 }, (_, at) =>
        process().approvals.decide(approvalId(1), at % 3 === 0 ? 'deny' : 'approve', at % 2 === 0 ? person(ADA) : { kind: 'operator' }),
      ),
    );
    expect(decided.filter(({ ok }) => ok).length).to.equal(1);
    for (const each of decided) if (!each.ok) expect(each.error.message).to.match(/(?:telegram:501|the operator) decided$/);
    await work();
    expect(effects.length).to.be.at.most(1);
  });

  it('approves the call of then: another directory, and what was asked about is not run', async () => {
    const { ask, world, process, effects, approval, promise } = stage();
    await ask();
    const moved = buildPolicy({
      whitelist: {
        ...buildPolicy().whitelist,
        userIds: new Map([[ADA, { description: 'Ada', directory: '/srv/elsewhere', path: 'dm_whitelist.allowed_user_ids.501' }]]),
      },
    });
    const refused = await process(makeLifetime(), { policy: moved }).approvals.decide(approvalId(1), 'approve', person(ADA));
    expect(refused.ok ? 'ok' : refused.error.code).to.equal('approval/changed');
    await process().approvals.decide(approvalId(1), 'approve', person(ADA));
    const worker = process(makeLifetime(), { policy: moved });
    worker.worker.start();
    await advance(world, 10_000);
    await worker.worker.stop(0);
    expect(effects).to.deep.equal([]);
    expect(await approval()).to.deep.include({ status: 'failed' });
    expect((await approval()).outcome).to.include('changed since it was asked about');
    expect((await promise()).status).to.equal('failed');
  });
});
