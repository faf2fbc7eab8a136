import { expect } from 'chai';
import { makeReleaseLease } from '../../../src/application/worker/release-lease.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { type EndedRun, PortError } from '../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { makeGate } from '../support/gate.ts';
import { settle } from '../support/harness.ts';

describe('releasing leases of runs that have ended', () => {
  const stage = () => {
    const gate = makeGate<string>();
    const logger = makeRecordingLogger();
    const queue = { releaseLeases: (workerId: string, runs: readonly EndedRun[]) => gate.hold(`${workerId}: ${runs.map(({ id }) => id)}`) };
    const release = makeReleaseLease({ workerId: 'w', queue, events: logged(logger) });
    const done: number[] = [];
    return { gate, logger, done, releaseLease: (id: number) => release({ id: promiseId(id), attempts: 1 }).then(() => done.push(id)) };
  };

  it('releases runs that end at the same moment in one call, and those that end meanwhile in the next', async () => {
    const { gate, done, releaseLease } = stage();
    for (const id of [1, 2, 3]) void releaseLease(id);
    await settle();
    for (const id of [4, 5]) void releaseLease(id);
    await settle();
    expect(gate.held).to.deep.equal(['w: 1,2,3']);
    expect(done).to.deep.equal([]);
    gate.release('w: 1,2,3');
    await settle();
    expect(done).to.deep.equal([1, 2, 3]);
    gate.release('w: 4,5');
    await settle();
    expect(done).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('logs a call that fails, and goes on with the next', async () => {
    const { gate, logger, done, releaseLease } = stage();
    void releaseLease(1);
    await settle();
    gate.fail('w: 1', new PortError('unavailable', 'cut off', { retryable: true }));
    void releaseLease(2);
    await settle();
    gate.release('w: 2');
    await settle();
    expect(done).to.deep.equal([1, 2]);
    expect(logger.lines.map(({ level, fields }) => [level, fields])).to.deep.equal([['warn', { promiseIds: [1], reason: 'cut off' }]]);
  });
});
