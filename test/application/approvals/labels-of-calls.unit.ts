import { expect } from 'chai';
import { approvalId } from '../../../src/domain/index.ts';
import { buildPolicy } from '../../../src/testing/index.ts';
import { makeLifetime } from '../crashes/process-lifetime.ts';
import { advance } from '../support/harness.ts';
import { ADA, person, stage } from './stage.ts';

/** The labels of the end of a promised call to the server `tracker`, once it was approved. */
const labelsOfEnd = async (options: Parameters<typeof stage>[0], directory?: string) => {
  const { ask, process, promise, world } = stage({ source: 'mcp:tracker', ...options });
  const first = await ask();
  await first.approvals.decide(approvalId(1), 'approve', person(ADA));
  const { whitelist } = buildPolicy();
  const userIds = new Map([[ADA, { description: 'Ada', directory: directory ?? '', path: 'dm_whitelist.allowed_user_ids.501' }]]);
  const elsewhere = directory && buildPolicy({ whitelist: { ...whitelist, userIds } });
  const worker = process(makeLifetime(), elsewhere ? { policy: elsewhere } : {});
  worker.worker.start();
  await advance(world, 40_000);
  await worker.worker.stop(0);
  const ended = await promise();
  return { status: ended.status, labels: ended.provenance?.labels };
};

describe('The end of a promised call', () => {
  it('has the label of the server that answered it', async () => {
    expect(await labelsOfEnd({})).to.deep.include({ status: 'completed', labels: ['member', 'mcp:tracker', 'agent'] });
  });

  it('has it, too, where the server failed', async () => {
    const run = () => Promise.resolve({ output: 'the tracker is on fire', isError: true });
    expect(await labelsOfEnd({ run })).to.deep.include({ status: 'failed', labels: ['member', 'mcp:tracker', 'agent'] });
  });

  it('has no label of a server that was never asked', async () => {
    expect(await labelsOfEnd({}, '/srv/elsewhere')).to.deep.equal({ status: 'failed', labels: ['member', 'agent'] });
  });
});
