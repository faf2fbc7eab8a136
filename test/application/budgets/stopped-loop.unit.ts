import { expect } from 'chai';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import type { BudgetLimit } from '../../../src/application/budgets/limits.ts';
import { makeReservations } from '../../../src/application/budgets/reservations.ts';
import { moneyOf, type Reservation } from '../../../src/domain/index.ts';
import { makeFixedClock, makeRecordingEvents, makeSeededRandomness, START, telegramChat } from '../../../src/testing/index.ts';
import { settle } from '../support/harness.ts';
import { DAY_MS, dollars } from './stage.ts';

const LEASE_MS = 30_000;
const limit: BudgetLimit = {
  owner: { of: 'installation' },
  span: 'day',
  since: START,
  until: START + DAY_MS,
  amount: moneyOf(1_000_000),
  budget: dollars({ daily: 1_000_000 }),
  path: 'budget',
};
const asked = (id: string, cost: number): Omit<Reservation, 'expiresAt'> => ({
  id,
  at: START,
  name: 'scripted/one',
  cost: moneyOf(cost),
  chatId: telegramChat(501),
});

/** Two processes over one storage; the timers of the first stand still while `stop` passes. */
const stage = () => {
  const storage = makeMemoryStorage();
  const clock = makeFixedClock();
  let stopped = 0;
  const standing = { ...clock, now: () => clock.now() + stopped };
  const parts = { randomness: makeSeededRandomness(1), events: makeRecordingEvents(), leaseMs: LEASE_MS, clock: standing };
  let onStored = (): void => undefined;
  const unitOfWork: typeof storage.unitOfWork = {
    run: async (work) => {
      const result = await storage.unitOfWork.run(work);
      onStored();
      return result;
    },
  };
  const one = makeReservations({ ...parts, unitOfWork });
  const other = makeReservations({ ...parts, unitOfWork: storage.unitOfWork });
  const reserve = async (by: typeof one, id: string, cost: number) => (await by.reserve(asked(id, cost), [limit], [], () => [])).admitted;
  return {
    clock,
    one,
    other,
    reserve,
    stop: (ms: number) => {
      stopped += ms;
    },
    whenStored: (then: () => void) => {
      onStored = () => {
        onStored = () => undefined;
        then();
      };
    },
    reserved: () => storage.stores.ledger.reserved(standing.now()),
  };
};

describe('A process whose event loop stood still for longer than its lease', () => {
  it('counts what it still spends, before it reserves for its next call', async () => {
    const { one, other, reserve, stop, reserved } = stage();
    expect(await reserve(one, 'a', 600_000)).to.equal(true);
    stop(2 * LEASE_MS);
    expect(await reserve(other, 'b', 600_000)).to.equal(true);
    expect(await reserve(one, 'a2', 300_000)).to.equal(false);
    expect(await reserved()).to.equal(1_200_000);
    one.drop(['a']);
    stop(2 * LEASE_MS);
    expect(await reserve(one, 'a3', 900_000)).to.equal(true);
    expect(await reserved()).to.equal(900_000);
  });

  it('puts back what had lapsed with its next renewal, also where that was removed', async () => {
    const { one, other, reserve, stop, clock, reserved } = stage();
    await reserve(one, 'a', 600_000);
    stop(2 * LEASE_MS);
    await reserve(other, 'b', 100_000);
    expect(await reserved()).to.equal(100_000);
    await clock.advance(LEASE_MS / 3);
    await settle();
    expect(await reserved()).to.equal(700_000);
    expect(await reserve(other, 'b2', 400_000)).to.equal(false);
  });

  it('begins no call on money that lapsed before it was told of it', async () => {
    const { one, other, reserve, stop, whenStored, reserved } = stage();
    whenStored(() => stop(2 * LEASE_MS));
    expect(await reserve(one, 'a', 600_000)).to.equal(true);
    expect(await reserved()).to.equal(600_000);
    expect(await reserve(other, 'b', 600_000)).to.equal(false);
  });
});
