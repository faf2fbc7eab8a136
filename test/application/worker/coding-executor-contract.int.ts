import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeAcpAgent } from '../../../src/adapters/acp/index.ts';
import { makeStartChild, processGroups } from '../../../src/adapters/child-process/index.ts';
import { workspacePlaces } from '../../../src/adapters/files/index.ts';
import { makeGitChanges } from '../../../src/adapters/git/index.ts';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { makeDirectoryLocks, systemClock } from '../../../src/adapters/system/index.ts';
import { makeCodingExecutor } from '../../../src/application/worker/coding-executor.ts';
import type { LeasedPromise } from '../../../src/domain/index.ts';
import { silentEvents } from '../../../src/ports/index.ts';
import { buildPolicy, buildPromise, buildWorkspace, GROUP, promiseAfter, promiseExecutorContract } from '../../../src/testing/index.ts';
import { makeCodingSite } from '../../support/coding-site.ts';
import { certify } from '../../support/contract.ts';

const AGENT = fileURLToPath(new URL('../../fakes/acp/agent.ts', import.meta.url));

certify('PromiseExecutor: the coding agent', promiseExecutorContract, async () => {
  const site = await makeCodingSite();
  const doing = (steps: readonly object[]) => () =>
    promiseAfter(
      buildPromise({
        chatId: GROUP,
        chatKind: 'group',
        description: `Do this: ${JSON.stringify(steps)}`,
        provenance: { labels: ['member'] },
      }),
      {
        type: 'start',
        at: systemClock.now(),
        workerId: 'w',
        leaseMs: 1_000,
      },
    ) as LeasedPromise;
  const executor = makeCodingExecutor({
    agent: makeAcpAgent({
      command: [process.execPath, AGENT],
      env: { PATH: process.env.PATH ?? '' },
      homeFor: async () => site.home,
      hidden: [],
      start: makeStartChild(),
    }),
    changes: makeGitChanges({ scratch: join(site.root, 'scratch'), groups: processGroups }),
    places: workspacePlaces,
    locks: makeDirectoryLocks(join(site.root, 'locks'), 20),
    limits: { maxTurns: 20 },
    sessions: makeMemoryStorage().state('coding'),
    promises: { getMany: async () => [] },
    policy: buildPolicy({ workspaces: [buildWorkspace({ isDevGroup: true, directory: site.workspace })] }),
    clock: systemClock,
    events: silentEvents,
  });
  return {
    subject: {
      executor,
      succeeding: doing([
        { do: 'write', path: 'a.txt', text: 'x' },
        { do: 'say', text: 'It is written.' },
      ]),
      impossible: doing([{ do: 'refuse' }]),
      busy: doing([{ do: 'die' }]),
      endless: doing([{ do: 'wait' }]),
    },
    close: site.remove,
  };
});
