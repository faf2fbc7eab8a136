import { expect } from 'chai';
import { makeResilientChains } from '../../../src/application/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import {
  buildTool,
  makeFixedClock,
  makeRecordingEvents,
  makeScriptedModel,
  makeSeededRandomness,
  telegramChat,
} from '../../../src/testing/index.ts';
import { reply, spent, stage, used } from './stage.ts';

describe('A run that is paid for', () => {
  it('leaves an entry for each call in the ledger, with its price, where no budget holds', async () => {
    const search = buildTool({
      name: 'search_web',
      price: 'web/search',
      run: async (input) => ({ output: 'found', isError: (input as { fails?: boolean }).fails === true }),
    });
    const calls = [
      { id: '1', tool: 'search_web', input: {} },
      { id: '2', tool: 'search_web', input: { fails: true } },
    ];
    const { world, say } = stage([{ toolCalls: calls, usage: used(100) }, reply('Here it is.', 50)], {}, { moreTools: [search] });
    expect(await say()).to.equal('Here it is.');
    expect(await spent(world)).to.equal(1_000 + 5_000 + 500);
    const { ledger } = world.storage.stores;
    const byTool = await ledger.usage({ by: 'tool', limit: 5 });
    expect(byTool.map(({ key, cost, calls: count }) => [key, cost, count])).to.deep.equal([
      ['web/search', 5_000, 1],
      ['scripted/one', 1_500, 2],
    ]);
    expect((await ledger.usage({ by: 'person', limit: 5 })).map(({ key }) => key)).to.deep.equal(['telegram:501']);
    const turns = await world.storage.stores.turns.usage(telegramChat(501), 0);
    expect(await ledger.total({})).to.deep.include({ inputTokens: turns.inputTokens, outputTokens: turns.outputTokens, unpriced: 0 });
  });

  it('has no price where none is known, and says so', async () => {
    const { world, say } = stage([reply('Hi.')], {}, { prices: new Map() });
    await say();
    expect(await world.storage.stores.ledger.total({})).to.deep.include({ calls: 1, unpriced: 1, cost: 0, outputTokens: 1_000 });
  });

  it('is priced by the model that replied', async () => {
    const { world, say } = stage([{ ...reply('Hi.', 100), model: 'cheap-20260101' }], {});
    await say();
    expect(await spent(world)).to.equal(100);
  });

  it('counts calls that failed on the way, each to its own model', async () => {
    const broken = new PortError('unavailable', 'broke off', { retryable: false, usage: used(10) });
    const clock = makeFixedClock();
    const { events } = { events: makeRecordingEvents() };
    const chain = makeResilientChains({ clock, randomness: makeSeededRandomness(1), events });
    const model = chain([
      makeScriptedModel([{ error: broken, deltas: ['Hal'] }], 'scripted/one'),
      makeScriptedModel([reply('Hello.', 100)], 'scripted/cheap'),
    ]);
    const { world, say } = stage([], {}, { model });
    expect(await say()).to.equal('Hello.');
    const rows = await world.storage.stores.ledger.usage({ by: 'tool', limit: 5 });
    expect(rows.map(({ key, cost }) => [key, cost])).to.deep.equal([
      ['scripted/cheap', 100],
      ['scripted/one', 100],
    ]);
  });
});
