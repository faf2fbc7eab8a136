import { expect } from 'chai';
import { Container } from 'inversify';
import { systemClock } from '../../src/adapters/system/index.ts';
import type { Config } from '../../src/config/index.ts';
import { ok } from '../../src/domain/index.ts';
import { bindNotion } from '../../src/main/modules/notion.ts';
import { bindSearch } from '../../src/main/modules/search.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { openNotion } from '../fakes/notion/index.ts';
import { openPerplexity } from '../fakes/perplexity/index.ts';
import { failureOf } from '../support/failure-of.ts';
import { context } from '../support/mcp-servers.ts';

/** What each tool over a service says to the operator, in a process that is configured so. */
const helpOf = async (config: object): Promise<Readonly<Record<string, string | undefined>>> => {
  const container = new Container();
  container.bind(TOKENS.config).toConstantValue(config as Config);
  container.bind(TOKENS.clock).toConstantValue(systemClock);
  container.bind(TOKENS.notionReach).toConstantValue({ databasesFor: () => ok([{ workspace: 'tea', database: ID }]) });
  bindSearch(container);
  bindNotion(container);
  const tools = [...(await container.getAsync(TOKENS.searchTools)), ...(await container.getAsync(TOKENS.notionTools))];
  const told: Record<string, string | undefined> = {};
  for (const { name, run } of tools) told[name] = (await failureOf(run(INPUT[name], context()))).help;
  return told;
};

const ID = '11111111-1111-4111-8111-111111111111';
const INPUT: Readonly<Record<string, object>> = {
  search_web: { query: 'tea' },
  query_notion: {},
  read_notion_page: { page: ID },
};

describe('A tool over a service', () => {
  it('tells the operator which variable holds a key that is refused', async () => {
    await using search = await openPerplexity();
    await using notion = await openNotion();
    const told = await helpOf({
      search: { perplexity: { apiKey: 'pplx-wrong', baseUrl: search.url } },
      notion: { apiKey: 'ntn_wrong', baseUrl: notion.url },
    });
    expect(told).to.deep.equal({
      search_web: 'see PERPLEXITY_API_KEY',
      query_notion: 'see NOTION_API_KEY',
      read_notion_page: 'see NOTION_API_KEY',
    });
  });

  it('tells the operator which variable holds an address where nothing answers', async () => {
    const { url: away, close } = await openNotion();
    await close();
    const told = await helpOf({ search: { perplexity: { apiKey: 'pplx-x', baseUrl: away } }, notion: { apiKey: 'ntn_x', baseUrl: away } });
    const notion = `it is asked at ${away}: see NOTION_BASE_URL`;
    expect(told).to.deep.equal({
      search_web: `it is asked at ${away}: see PERPLEXITY_BASE_URL`,
      query_notion: notion,
      read_notion_page: notion,
    });
  });
});
