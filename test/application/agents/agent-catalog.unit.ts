import { expect } from 'chai';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { noSuchAgent } from '../../../src/application/agents/agent-catalog.ts';
import { CHAT_AGENT, makeAgentCatalog, makeToolActions, PROMISE_AGENT, SCOUT_AGENT } from '../../../src/application/index.ts';
import { type Agent, DEFAULT_RETRY } from '../../../src/domain/index.ts';
import { present } from '../../../src/domain/shared/present.ts';
import { buildPolicy, makeFixedClock } from '../../../src/testing/index.ts';

describe('The catalog of agents', () => {
  it('offers promises no agent that has none of its tools, but the usual one whatever it has', () => {
    const agents = makeAgentCatalog({ others: [SCOUT_AGENT] });
    const { stores } = makeMemoryStorage();
    const offered = (isIdle?: (agent: Agent) => boolean) =>
      makeToolActions({
        stores,
        agents,
        calendar: cronCalendar,
        timeZone: 'UTC',
        policy: buildPolicy(),
        retry: DEFAULT_RETRY,
        clock: makeFixedClock(),
        redact: (text) => text,
        ...present({ isIdle }),
      }).agents;
    expect(offered()).to.deep.equal(['valor_agent', 'notion_scout']);
    expect(offered(({ name }) => name === 'notion_scout')).to.deep.equal(['valor_agent']);
    expect(offered(() => true)).to.deep.equal(['valor_agent']);
  });

  it('holds the built-in agents by name', () => {
    const agents = makeAgentCatalog();
    expect(agents.list()).to.deep.equal([CHAT_AGENT, PROMISE_AGENT]);
    expect([agents.chatAgent('Railway'), agents.promiseAgent()]).to.deep.equal([CHAT_AGENT, PROMISE_AGENT]);
    expect(['telegram_chat_agent', 'valor_agent', 'notion_scout'].map(agents.get)).to.deep.equal([CHAT_AGENT, PROMISE_AGENT, undefined]);
  });

  it('gives promises that name the default agent to the promise agent, whatever its name is', () => {
    const worker = { ...PROMISE_AGENT, name: 'my_worker' };
    const agents = makeAgentCatalog({ promise: worker });
    expect(['my_worker', 'valor_agent'].map(agents.get)).to.deep.equal([worker, worker]);
    expect(agents.list().map(({ name }) => name)).to.deep.equal(['telegram_chat_agent', 'my_worker']);
  });

  it('names the nearest agent, or all that there are, where one is missing', () => {
    const agents = makeAgentCatalog();
    expect(noSuchAgent('valor_agnet', agents)).to.equal('there is no agent named "valor_agnet": did you mean valor_agent?');
    expect(noSuchAgent('scout', agents)).to.equal('there is no agent named "scout"; there are telegram_chat_agent, valor_agent');
  });
});
