import { expect } from 'chai';
import { keepListing } from '../../../src/adapters/mcp/kept-listing.ts';
import { makeFixedClock, makeRecordingEvents } from '../../../src/testing/index.ts';

const tool = (name: string) => ({ name, inputSchema: { type: 'object' } });
const turnOfLoop = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('What an MCP server lists', () => {
  const stage = () => {
    const [clock, events] = [makeFixedClock(), makeRecordingEvents()];
    let changes = 0;
    const listing = keepListing({ server: 'own', clock, events, onListing: () => void changes++ });
    let reads = 0;
    const read = (...names: readonly string[]) =>
      listing.readAgain(async () => {
        reads++;
        return names.map(tool);
      });
    return { clock, events, listing, read, reads: () => reads, changes: () => changes };
  };

  it('is read at once when it changes, and once more for all changes within two seconds', async () => {
    const { clock, listing, read, reads } = stage();
    read('a');
    await turnOfLoop();
    for (const name of ['b', 'c', 'd']) read(name);
    await turnOfLoop();
    expect(reads()).to.equal(1);
    clock.advance(2_000);
    await turnOfLoop();
    expect(reads()).to.equal(2);
    expect(listing.current().tools.map((one) => one.tool)).to.deep.equal(['d']);
    clock.advance(10_000);
    await turnOfLoop();
    expect(reads()).to.equal(2);
  });

  it('is told where it changed, and not where it is the same', async () => {
    const { events, listing, changes } = stage();
    listing.take([tool('a'), tool('b')]);
    listing.take([tool('b'), tool('a')]);
    expect([changes(), events.of('mcp-tools-changed').length]).to.deep.equal([1, 0]);
    listing.take([tool('b'), tool('c')]);
    expect(events.of('mcp-tools-changed')).to.deep.equal([
      { type: 'mcp-tools-changed', server: 'own', added: ['mcp__own__c'], removed: ['mcp__own__a'] },
    ]);
  });

  it('stays as it was where it can not be read', async () => {
    const { listing } = stage();
    listing.take([tool('a')]);
    listing.readAgain(async () => undefined);
    await turnOfLoop();
    expect(listing.current().tools).to.have.length(1);
  });
});
