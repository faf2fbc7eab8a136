import { expect } from 'chai';
import { CHAT_AGENT } from '../../../src/application/index.ts';
import { approvalId, promiseId } from '../../../src/domain/index.ts';
import { buildPolicy, buildTool, buildWorkspace, GROUP, makeScriptedModel } from '../../../src/testing/index.ts';
import { advance, makeProcess, makeWorld } from '../support/harness.ts';
import { ADA } from './stage.ts';

describe('Calls that only read, of which people are asked about several', () => {
  it('go out once each, one approval after the other', async () => {
    const world = makeWorld();
    const seen: string[] = [];
    const look = buildTool({
      name: 'look',
      effect: 'reads',
      run: async (input) => {
        const { id } = input as { id: string };
        seen.push(id);
        return { output: `saw ${id}`, isError: false };
      },
    });
    const calls = ['a', 'b', 'c'].map((id) => ({ id, tool: 'look', input: { id } }));
    const model = makeScriptedModel([{ toolCalls: calls }, { text: 'The train leaves at nine from platform 4.' }]);
    const policy = buildPolicy({ workspaces: [buildWorkspace({ approve: ['look'] })] });
    const agent = { ...CHAT_AGENT, tools: ['look'] };
    const process = makeProcess(world, { model, executor: 'agent', asks: true, agent, moreTools: [look], policy });
    await process.make({ description: 'look', agent: agent.name }, { chatId: GROUP, chatKind: 'group', requestedBy: { id: ADA } });
    process.worker.start();
    for (const [at, asked] of ['a', 'b', 'c'].entries()) {
      await advance(world, 5_000, 500);
      const [approval] = await world.storage.stores.approvals.list({ statuses: ['asked'], limit: 5 });
      expect(approval?.call.input).to.deep.equal({ id: asked });
      expect(seen).to.deep.equal(['a', 'b', 'c'].slice(0, at));
      await process.approvals.decide(approval?.id ?? approvalId(1), 'approve', { kind: 'operator' });
    }
    await advance(world, 5_000, 500);
    expect(seen).to.deep.equal(['a', 'b', 'c']);
    expect(await world.storage.stores.promises.get(promiseId(1))).to.include({ status: 'completed' });
    const ended = await world.storage.stores.approvals.list({ limit: 9 });
    expect(ended.map(({ status }) => status)).to.deep.equal(['done', 'done', 'done']);
    await process.worker.stop(0);
  });
});
