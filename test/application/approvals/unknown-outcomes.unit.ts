import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { approvalId } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { PortError } from '../../../src/ports/index.ts';
import { START } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance } from '../support/harness.ts';
import { ADA, DIRECT, person, stage } from './stage.ts';

const NOT_KNOWN = /^It may have happened\. Whether it took effect is not known, and it was not run again\. Look at what send was to change/;
const never = () => new Promise<never>(() => undefined);

describe('An approved call of which nobody can tell whether it took effect', () => {
  /** `inTurn`: the promise is the call; else its run comes to the call. */
  const approved = async (inTurn: boolean, options: Parameters<typeof stage>[0] & { readonly deadline?: number } = {}) => {
    const opened = stage(options);
    const maker = inTurn ? await opened.ask() : opened.process();
    if (!inTurn) {
      const terms = { chatId: DIRECT, chatKind: 'direct', requestedBy: { id: ADA } } as const;
      await maker.make({ description: 'send it', agent: CHAT_AGENT.name, ...present({ deadline: options.deadline }) }, terms);
      await opened.work();
    }
    expect(await maker.approvals.decide(approvalId(1), 'approve', person(ADA))).to.include({ ok: true });
    return opened;
  };

  for (const inTurn of [true, false])
    it(`is told so where the tool says so, ${inTurn ? 'of a promise that is the call' : 'in the run of a promise'}`, async () => {
      const run = async () => ({ output: 'The call failed: the server ended.', isError: true, isUnknown: true }) as const;
      const { work, approval, said, effects } = await approved(inTurn, { run });
      await work();
      expect(effects).to.have.length(1);
      expect(await approval()).to.include({ status: 'failed' });
      expect((await approval()).outcome).to.match(NOT_KNOWN);
      expect(await approval()).to.include({ isUnknown: true });
      expect((await approval()).outcome).to.include('What was said: The call failed: the server ended.');
      const told = (await said()).at(-1);
      expect(told).to.match(/[Ww]hether (it|that) took effect is not known, and it was not run again/);
      expect(told).not.to.match(/Kept was interrupted/);
    });

  it('is told with what the tool threw, of a promise that is the call', async () => {
    const run = () => Promise.reject(new Error('connect ECONNREFUSED 10.0.0.7:443'));
    const { work, approval, said } = await approved(true, { run });
    await work();
    for (const words of [(await approval()).outcome, (await said()).at(-1)])
      expect(words).to.match(
        /^.*[Ww]hether it took effect is not known.* What was said: send failed: connect ECONNREFUSED 10\.0\.0\.7:443/s,
      );
  });

  it('is told as failed where the tool fails in the same words', async () => {
    const output = 'It may have happened. Whether that took effect is not known, and it was not run again: please check.';
    const { work, approval } = await approved(true, { run: async () => ({ output, isError: true }) });
    await work();
    expect(await approval())
      .to.include({ status: 'failed', outcome: output })
      .and.not.to.have.property('isUnknown');
  });

  for (const inTurn of [true, false])
    it(`is told so where the process died, ${inTurn ? 'of a promise that is the call' : 'in the run of a promise'}`, async () => {
      const life = makeLifetime();
      const opened = await approved(inTurn, { run: never });
      opened.process(life).worker.start();
      await advance(opened.world, 1_000);
      life.end();
      await opened.work(80_000);
      expect(opened.effects).to.have.length(1);
      expect((await opened.approval()).outcome).to.match(NOT_KNOWN);
      expect(await opened.approval()).to.include({ isUnknown: true });
      const told = (await opened.said()).at(-1);
      expect(told).to.match(/[Ww]hether (it|that) took effect is not known, and it was not run again/);
      // In the run, the model that is a script repeats what it is told; people are not told so by Kept.
      if (inTurn) expect(told).not.to.include('Do not call it again');
    });

  it('is told so where its result can’t be stored', async () => {
    const { process, world, approval, said, effects } = await approved(true);
    let isSent = false;
    const worker = process(makeLifetime(), {
      onUnitCall: (call) => {
        isSent ||= effects.length > 0;
        if (isSent && call === 'journal.append') throw new PortError('invalid-request', 'no such text', { retryable: false });
      },
    });
    worker.worker.start();
    await advance(world, 60_000);
    await worker.worker.stop(0);
    expect(effects).to.have.length(1);
    expect(await approval()).to.include({ status: 'failed' });
    expect((await approval()).outcome).to.match(NOT_KNOWN);
    expect(await approval()).to.include({ isUnknown: true });
    expect((await said()).at(-1)).to.match(/could not be stored\. .*Whether that took effect is not known/);
  });

  it('is done where its result is stored together with the end of its promise', async () => {
    const deadline = START + 100_000;
    const { process, world, approval, promise, effects } = await approved(false, { deadline });
    const worker = process(makeLifetime(), {
      onUnitCall: (call) => {
        const isAway = effects.length > 0 && world.clock.now() < deadline;
        if (isAway && call === 'journal.append') throw new PortError('unavailable', 'away', { retryable: true });
      },
    });
    worker.worker.start();
    await advance(world, 120_000);
    await worker.worker.stop(0);
    expect(effects).to.have.length(1);
    expect((await promise()).status).to.equal('failed');
    expect(await approval()).to.include({ status: 'done', outcome: 'sent to Bob' });
  });
});
