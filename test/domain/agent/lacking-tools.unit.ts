import { expect } from 'chai';
import { CHAT_AGENT, SCOUT_AGENT } from '../../../src/domain/agent/built-in.ts';
import { lackedBy } from '../../../src/domain/agent/lacking-tools.ts';

const set =
  (...variables: readonly string[]) =>
  (variable: string): boolean =>
    variables.includes(variable);

describe('An agent that lacks its tools', () => {
  it('is the scout without Notion', () => {
    expect(lackedBy(SCOUT_AGENT, set())).to.deep.equal(['NOTION_API_KEY']);
    expect(lackedBy(SCOUT_AGENT, set('NOTION_API_KEY'))).to.deep.equal([]);
  });

  it('is none that has another tool, names a pattern, or needs no tool', () => {
    expect(lackedBy(CHAT_AGENT, set())).to.deep.equal([]);
    expect(lackedBy({ tools: ['query_notion', 'mcp__*'] }, set())).to.deep.equal([]);
    expect(lackedBy({ tools: [] }, set())).to.deep.equal([]);
  });

  it('names each variable that it lacks once', () => {
    const tools = ['query_notion', 'read_notion_page', 'search_web'];
    expect(lackedBy({ tools }, set())).to.deep.equal(['NOTION_API_KEY', 'PERPLEXITY_API_KEY']);
    expect(lackedBy({ tools }, set('PERPLEXITY_API_KEY'))).to.deep.equal([]);
  });
});
