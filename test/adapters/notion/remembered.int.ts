import { expect } from 'chai';
import { makeNotionDatabase } from '../../../src/adapters/notion/index.ts';
import { systemClock } from '../../../src/adapters/system/index.ts';
import { type FakeNotion, NOTION_KEY, openNotion } from '../../fakes/notion/index.ts';
import { failureOf } from '../../support/failure-of.ts';

const { signal } = new AbortController();

describe('A Notion database that was looked at before', () => {
  let notion: FakeNotion;
  let now = 0;
  beforeEach(async () => {
    notion = await openNotion();
    now = Date.now();
  });
  afterEach(() => notion.close());

  const stage = () => {
    const clock = { ...systemClock, now: () => now };
    const database = makeNotionDatabase({ apiKey: NOTION_KEY, baseUrl: notion.url, clock, perSecond: 1_000 });
    const { id, ...rest } = notion.addDatabase('Tasks', { Tasks: { Name: { type: 'title' } } });
    const requests = (what: RegExp) => notion.seen.filter(({ path }) => what.test(path)).length;
    const source = rest.sources[0] ?? '';
    return { database, id, source, looks: () => [requests(/\/databases\//), requests(/\/data_sources\/[^/]+$/)] };
  };
  const FILTER = { filter: { property: 'Points', number: { equals: 1 } } } as const;

  it('is described once in five minutes, whatever is asked of it', async () => {
    const { database, id, looks } = stage();
    for (let n = 0; n < 3; n++) {
      await database.describe(id, { signal });
      await database.query(id, { limit: 5 }, { signal });
    }
    expect(looks()).to.deep.equal([1, 1]);
    now += 5 * 60_000;
    await database.describe(id, { signal });
    expect(looks()).to.deep.equal([2, 2]);
  });

  it('is described anew after a query that Notion refuses', async () => {
    const { database, id, source, looks } = stage();
    await database.describe(id, { signal });
    expect(await failureOf(database.query(id, { limit: 5, ...FILTER }, { signal }))).to.include({ code: 'invalid-request' });
    const stored = notion.sources.get(source);
    if (!stored) throw new Error('no source');
    notion.sources.set(source, { ...stored, properties: { ...stored.properties, Points: { type: 'number' } } });
    const { sources } = await database.describe(id, { signal });
    expect(sources[0]?.properties.map(({ name }) => name)).to.deep.equal(['Name', 'Points']);
    await database.query(id, { limit: 5, ...FILTER }, { signal });
    expect(looks()[1]).to.equal(2);
  });

  it('is asked once for what it refuses, and twice where its data sources have changed', async () => {
    const { database, id, source } = stage();
    const queries = () => notion.seen.filter(({ path }) => path.endsWith('/query')).length;
    await database.query(id, { limit: 5 }, { signal });
    await failureOf(database.query(id, { limit: 5, ...FILTER }, { signal }));
    expect(queries()).to.equal(2);
    const stored = notion.sources.get(source);
    if (!stored) throw new Error('no source');
    await database.query(id, { limit: 5 }, { signal });
    notion.sources.set(source, { ...stored, name: 'Renamed' });
    const page = await database.query(id, { limit: 5, source: 'renamed' }, { signal });
    expect(page.source).to.equal('Renamed');
  });

  it('that could not be read is looked at again', async () => {
    const { database, id, looks } = stage();
    notion.refuseNext(/\/data_sources\//, 404, 'object_not_found');
    expect(await failureOf(database.describe(id, { signal }))).to.include({ code: 'not-found' });
    await database.describe(id, { signal });
    expect(looks()[1]).to.equal(2);
  });
});
