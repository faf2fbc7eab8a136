import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { appendSteps } from '../../../src/application/audit/append-steps.ts';
import { storeSpent } from '../../../src/application/budgets/store-spent.ts';
import { type MicroUsd, NO_USAGE, type RunStep } from '../../../src/domain/index.ts';
import { buildRun, buildTurn, START } from '../../../src/testing/index.ts';

const sent = (call: number): RunStep => ({
  kind: 'tool',
  at: START,
  durationMs: 1,
  call,
  tool: 'send',
  callKey: `r-0-${call}`,
  effect: 'acts',
  input: {},
  output: 'sent',
  isError: false,
  outcome: 'done',
});

describe('A commit whose answer was lost, and that is tried again', () => {
  it('tells the audit log once what was done and what was spent, and each thing that was', async () => {
    const { stores, unitOfWork } = makeMemoryStorage();
    const entries = { run: buildRun('r'), writer: 'first', from: 0, steps: [sent(0), sent(1)] };
    const turn = buildTurn({ outcome: 'attempt' });
    const cost = 7 as MicroUsd;
    const recorded = [
      { id: 'r-0', at: START, on: 'model' as const, name: 'town/x', chatId: turn.chatId, agent: turn.agent, usage: NO_USAGE, cost },
    ];
    for (let attempt = 0; attempt < 3; attempt++)
      await unitOfWork.run(async (unit) => {
        await appendSteps(unit, entries);
        await unit.audit.add((await storeSpent(unit.ledger, { usage: turn.usage, recorded, turn })).facts);
      });
    await unitOfWork.run((unit) => appendSteps(unit, { ...entries, from: 2, steps: [sent(0)] }));
    while ((await stores.audit.seal(100)) > 0);
    const told = (await stores.audit.read({ limit: 100 })).map(({ kind, facts }) => [kind, facts.callKey ?? facts.microUsd]);
    expect(told).to.deep.equal([
      ['acted', 'r-0-0'],
      ['acted', 'r-0-1'],
      ['spent', 7],
      ['acted', 'r-0-0'],
    ]);
  });
});
