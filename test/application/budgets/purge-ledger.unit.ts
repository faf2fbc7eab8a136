import { expect } from 'chai';
import { makePurgeLedger } from '../../../src/application/budgets/purge-ledger.ts';
import { type LedgerEntry, moneyOf, NO_USAGE } from '../../../src/domain/index.ts';
import { makeRecordingEvents, telegramChat } from '../../../src/testing/index.ts';
import { makeWorld, settle } from '../support/harness.ts';
import { DAY_MS } from './stage.ts';

describe('The ledger', () => {
  it('keeps an entry for 400 days, and an event tells how many were purged', async () => {
    const world = makeWorld();
    const { ledger } = world.storage.stores;
    const before = world.clock.now() - 400 * DAY_MS;
    const entry = (id: string, at: number): LedgerEntry => ({
      id,
      at,
      on: 'model',
      name: 'scripted/one',
      chatId: telegramChat(501),
      agent: 'valor_agent',
      usage: NO_USAGE,
      cost: moneyOf(7),
    });
    await ledger.add([entry('older', before - 1), entry('oldest that stays', before), entry('new', world.clock.now())]);
    const events = makeRecordingEvents();
    const loop = makePurgeLedger({ ...world, ledger, events });
    loop.start();
    await settle();
    await loop.stop();
    expect(await ledger.total({})).to.include({ calls: 2, cost: 14 });
    expect(events.of('ledger-purged')).to.deep.equal([{ type: 'ledger-purged', count: 1 }]);
  });
});
