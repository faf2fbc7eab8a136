import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { approvalId } from '../../../src/domain/index.ts';
import { buildMessage } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance } from '../support/harness.ts';

import { ADA, DAY, DIRECT, person, stage } from './stage.ts';

describe('A call that acts, in the run of a promise', () => {
  const start = async (options: Parameters<typeof stage>[0] = {}) => {
    const opened = stage(options);
    const maker = opened.process();
    await maker.make({ description: 'send it', agent: CHAT_AGENT.name }, { chatId: DIRECT, chatKind: 'direct', requestedBy: { id: ADA } });
    await opened.work();
    return { ...opened, maker };
  };

  it('waits for an approval without a worker, and goes on from its journal', async () => {
    const { approval, promise, effects, work, maker } = await start();
    expect(await approval()).to.deep.include({ status: 'asked', promiseId: 1 });
    expect((await approval()).callKey).to.match(/-0-0$/);
    expect(await promise()).to.deep.include({ status: 'waiting', approvalId: 1 });
    expect(effects).to.deep.equal([]);
    expect(await maker.approvals.decide(approvalId(1), 'approve', person(ADA))).to.include({ ok: true });
    await work();
    expect(effects).to.deep.equal([{ to: 'Bob' }]);
    expect(await approval()).to.deep.include({ status: 'done', outcome: 'sent to Bob' });
    expect(await promise()).to.deep.include({ status: 'completed', result: 'sent to Bob' });
  });

  it('goes on with the denial, and with nobody’s answer, as the result of the call', async () => {
    for (const [verdict, words] of [
      ['deny', 'telegram:501 denied it'],
      ['nobody', 'nobody approved it in time'],
    ] as const) {
      const { world, promise, effects, work, maker } = await start();
      if (verdict === 'deny') await maker.approvals.decide(approvalId(1), verdict, person(ADA));
      else world.clock.advance(DAY);
      await work();
      const after = await promise();
      expect(after.status).to.equal('completed');
      expect('result' in after && after.result).to.include(words);
      expect(effects).to.deep.equal([]);
    }
  });

  it('wherever the process dies: it takes effect once at most, and the approval says what became of it', async () => {
    for (let at = 1; ; at++) {
      const { world, process, approval, promise, effects, work, maker } = await start();
      await maker.approvals.decide(approvalId(1), 'approve', person(ADA));
      const life = makeLifetime();
      life.endAfter(at);
      const worker = process(life);
      worker.worker.start();
      await advance(world, 40_000);
      const hasDied = life.ended;
      if (!hasDied) await worker.worker.stop(0);
      await work(80_000);
      expect((await promise()).status, `death at ${at}`).to.equal('completed');
      expect(effects.length, `death at ${at}`).to.be.at.most(1);
      const { status } = await approval();
      expect(status, `death at ${at}`).to.be.oneOf(['done', 'failed']);
      if (status === 'done') expect(effects.length, `death at ${at}`).to.equal(1);
      if (!hasDied) break;
    }
  });
});

describe('From the message to the effect', () => {
  it('wherever a process dies, nothing runs without a yes, nothing twice, and the approval tells what became of it', async () => {
    for (let at = 1; ; at += 2) {
      const { world, process, effects, promise, approval, work } = stage();
      const life = makeLifetime();
      const first = process(life);
      await first.receive(buildMessage({ text: 'send it' }));
      life.endAfter(at);
      const run = async () => {
        await first.answerChat(DIRECT, new AbortController().signal);
        await first.approvals.decide((await approval()).id, 'approve', person(ADA));
        first.worker.start();
        await advance(world, 40_000);
      };
      await Promise.race([run().catch(() => undefined), advance(world, 60_000)]);
      const hasDied = life.ended;
      if (!hasDied) await first.worker.stop(0);
      const second = process();
      await second.answerChat(DIRECT, new AbortController().signal);
      expect(await world.storage.stores.approvals.list({ limit: 9 }), `death at ${at}`).to.have.length(1);
      if ((await approval()).status === 'asked') {
        expect(effects, `death at ${at}`).to.deep.equal([]);
        await second.approvals.decide((await approval()).id, 'approve', person(ADA));
      }
      await work(80_000);
      const { status } = await approval();
      expect(status, `death at ${at}`).to.be.oneOf(['done', 'failed']);
      expect((await promise()).status, `death at ${at}`).to.equal(status === 'done' ? 'completed' : 'failed');
      expect(effects.length, `death at ${at}`).to.be.at.most(1);
      if (status === 'done') expect(effects.length, `death at ${at}`).to.equal(1);
      if (!hasDied) break;
    }
  });
});
