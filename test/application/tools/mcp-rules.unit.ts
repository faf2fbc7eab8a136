import { expect } from 'chai';
import { makeMayAct, makeMayCall } from '../../../src/application/index.ts';
import { makeCallTool } from '../../../src/application/tools/call-tool.ts';
import { makeTurnDraft } from '../../../src/domain/index.ts';
import { silentEvents, type Tool, type ToolContext } from '../../../src/ports/index.ts';
import { buildPolicy, buildWorkspace, makeFixedClock, telegramChat, telegramUser } from '../../../src/testing/index.ts';

const tool = (name: string): Tool => ({
  name,
  description: 'Does it.',
  inputSchema: { type: 'object' },
  effect: 'acts',
  activity: 'doing it',
  timeoutMs: 1_000,
  run: () => Promise.resolve({ output: 'done', isError: false }),
});
const requestedBy = { id: telegramUser(501) };
const context = (workspace?: string): ToolContext => ({
  chatId: telegramChat(501),
  chatKind: 'direct',
  requestedBy,
  scope: { directory: '/', ...(workspace === undefined ? {} : { workspace }) },
  signal: new AbortController().signal,
});
const { whitelist } = buildPolicy();
const policy = buildPolicy({
  workspaces: [
    buildWorkspace({ name: 'Orchard', mcpServers: ['files'], mcpSafeTools: ['mcp__files__read_*'] }),
    buildWorkspace({ name: 'Mill' }),
  ],
  whitelist: { ...whitelist, mcpSafeTools: ['mcp__memory__search'] },
});

describe('The rules about tools of MCP servers', () => {
  it('offer those of the servers that a workspace names; where it names none, all', () => {
    const mayCall = makeMayCall(policy);
    const offered = (workspace: string | undefined, name: string): boolean =>
      mayCall(tool(name), { agent: { name: 'a', tools: [] }, scope: context(workspace).scope, person: requestedBy });
    expect(offered('Orchard', 'mcp__files__read_text')).to.equal(true);
    expect(offered('Orchard', 'mcp__memory__search')).to.equal(false);
    expect(offered('Orchard', 'mcp__files2__read')).to.equal(false);
    expect(offered('Mill', 'mcp__memory__search')).to.equal(true);
    expect(offered(undefined, 'mcp__memory__search')).to.equal(true);
  });

  it('let those act that the place calls safe: a workspace for its own, the whitelist in direct conversations', () => {
    const mayAct = makeMayAct(policy);
    expect(mayAct(tool('mcp__files__read_text'), context('Orchard'))).to.equal(true);
    expect(mayAct(tool('mcp__files__write'), context('Orchard'))).to.equal(false);
    expect(mayAct(tool('mcp__memory__search'), context('Orchard'))).to.equal(false);
    expect(mayAct(tool('mcp__files__read_text'), context('Mill'))).to.equal(false);
    expect(mayAct(tool('mcp__memory__search'), context())).to.equal(true);
    expect(mayAct(tool('mcp__memory__search'), context('Gone')), 'a workspace that is gone').to.equal(false);
    expect(mayAct(tool('mcp__files__read_text'), context())).to.equal(false);
  });

  it('refuse others in words that name the key and its place, and all of them in a turn', async () => {
    const callTool = makeCallTool({ clock: makeFixedClock(), events: silentEvents, redact: (text) => text, mayAct: makeMayAct(policy) });
    const said = async (name: string, where: ToolContext): Promise<string> =>
      (await callTool({ name, input: {}, offered: [tool(name), tool('make_promise')], context: where })).output;
    expect(await said('mcp__files__read_text', context('Orchard'))).to.equal('done');
    expect(await said('mcp__files__write', context('Orchard'))).to.contain(
      '"mcp_safe_tools" of the workspace "Orchard" in workspace_config.json',
    );
    expect(await said('mcp__files__write', context())).to.contain('"mcp_safe_tools" of dm_whitelist in workspace_config.json');
    expect(await said('deploy', context())).not.to.contain('mcp_safe_tools');
    const inTurn = await said('mcp__files__read_text', { ...context('Orchard'), draft: makeTurnDraft() });
    expect(inTurn).to.contain('nothing may act while a message is answered. Make a promise of it (make_promise)');
  });
});
