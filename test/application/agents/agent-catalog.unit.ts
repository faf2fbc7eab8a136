import { expect } from 'chai';
import { noSuchAgent } from '../../../src/application/agents/agent-catalog.ts';
import { CHAT_AGENT, makeAgentCatalog, PROMISE_AGENT } from '../../../src/application/index.ts';

describe('The catalog of agents', () => {
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
