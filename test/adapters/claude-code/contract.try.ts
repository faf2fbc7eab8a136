import { findBubblewrap, makeStartChild } from '../../../src/adapters/child-process/index.ts';
import { makeClaudeCodeAgent } from '../../../src/adapters/claude-code/index.ts';
import { codingAgentContract } from '../../../src/testing/index.ts';
import { openCodingPeer } from '../../fakes/anthropic/coding-peer.ts';
import { loadClaudeSdk } from '../../support/claude-sdk.ts';
import { makeCodingSite } from '../../support/coding-site.ts';
import { certify } from '../../support/contract.ts';

const open = async (bubblewrap?: string) => {
  const site = await makeCodingSite();
  const peer = await openCodingPeer(site.workspace);
  const agent = makeClaudeCodeAgent({
    load: loadClaudeSdk,
    anthropic: { apiKey: 'sk-ant-the-key-of-the-product', baseUrl: peer.url },
    homeFor: async () => site.home,
    hidden: [],
    path: process.env.PATH ?? '',
    start: makeStartChild(bubblewrap),
  });
  return {
    subject: { ...site, agent, instruction: (steps: readonly object[]) => `Do this: ${JSON.stringify(steps)}` },
    close: async () => {
      await peer.close();
      await site.remove();
    },
  };
};

describe('Claude Code', function () {
  this.timeout(60_000);
  certify('CodingAgent: Claude Code', codingAgentContract, () => open());
  certify('CodingAgent: Claude Code in bubblewrap, where it is installed', codingAgentContract, async () =>
    open(await findBubblewrap(process.env.PATH ?? '')),
  );
});
