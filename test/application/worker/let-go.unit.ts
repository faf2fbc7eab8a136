import { expect } from 'chai';
import { makeLetGo } from '../../../src/application/worker/let-go.ts';
import { promiseId } from '../../../src/domain/index.ts';
import { type EndedRun, PortError } from '../../../src/ports/index.ts';
import { makeRecordingLogger } from '../../../src/testing/index.ts';
import { logged } from '../../support/logged.ts';
import { held } from '../support/held.ts';
import { quiet } from '../support/stage.ts';

describe('letting go', () => {
  const stage = () => {
    const gate = held<string>();
    const logger = makeRecordingLogger();
    const queue = { letGo: (workerId: string, runs: readonly EndedRun[]) => gate.hold(`${workerId}: ${runs.map(({ id }) => id)}`) };
    const letGo = makeLetGo({ workerId: 'w', queue, events: logged(logger) });
    const done: number[] = [];
    return { gate, logger, done, letGo: (id: number) => letGo({ id: promiseId(id), attempts: 1 }).then(() => done.push(id)) };
  };

  it('of many at the same moment takes one call; those that end meanwhile share the next', async () => {
    const { gate, done, letGo } = stage();
    for (const id of [1, 2, 3]) void letGo(id);
    await quiet();
    for (const id of [4, 5]) void letGo(id);
    await quiet();
    expect(gate.held).to.deep.equal(['w: 1,2,3']);
    expect(done).to.deep.equal([]);
    gate.release('w: 1,2,3');
    await quiet();
    expect(done).to.deep.equal([1, 2, 3]);
    gate.release('w: 4,5');
    await quiet();
    expect(done).to.deep.equal([1, 2, 3, 4, 5]);
  });

  it('that fails is told in the log, and holds up nothing that comes after it', async () => {
    const { gate, logger, done, letGo } = stage();
    void letGo(1);
    await quiet();
    gate.fail('w: 1', new PortError('unavailable', 'cut off', { retryable: true }));
    void letGo(2);
    await quiet();
    gate.release('w: 2');
    await quiet();
    expect(done).to.deep.equal([1, 2]);
    expect(logger.lines.map(({ level, fields }) => [level, fields])).to.deep.equal([['warn', { promiseIds: [1], reason: 'cut off' }]]);
  });
});
