import { fileURLToPath } from 'node:url';
import { makeAcpAgent } from '../../../src/adapters/acp/index.ts';
import { findBubblewrap, makeStartChild } from '../../../src/adapters/child-process/index.ts';
import { codingAgentContract } from '../../../src/testing/index.ts';
import { makeCodingSite } from '../../support/coding-site.ts';
import { certify } from '../../support/contract.ts';

const AGENT = fileURLToPath(new URL('../../fakes/acp/agent.ts', import.meta.url));

const open = async (bubblewrap?: string) => {
  const site = await makeCodingSite();
  const agent = makeAcpAgent({
    command: [process.execPath, AGENT],
    env: { PATH: process.env.PATH ?? '' },
    homeFor: async () => site.home,
    hidden: [],
    start: makeStartChild(bubblewrap),
  });
  const subject = { ...site, agent, instruction: (steps: readonly object[]) => `Do this: ${JSON.stringify(steps)}` };
  return { subject, close: site.remove };
};

certify('CodingAgent: an agent that speaks ACP', codingAgentContract, () => open());
const bubblewrap = await findBubblewrap(process.env.PATH ?? '');
if (bubblewrap !== undefined) certify('CodingAgent: an agent that speaks ACP, in bubblewrap', codingAgentContract, () => open(bubblewrap));
