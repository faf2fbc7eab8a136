import { makeCommandExecutor } from '../../../src/adapters/child-process/index.ts';
import type { LeasedPromise, TaskType } from '../../../src/domain/index.ts';
import { buildPromise, promiseAfter, promiseExecutorContract } from '../../../src/testing/index.ts';
import { certify } from '../../support/contract.ts';

const leased =
  (taskType: TaskType, description = 'count') =>
  () =>
    promiseAfter(buildPromise({ taskType, description }), {
      type: 'start',
      at: Date.now(),
      workerId: 'w',
      leaseMs: 1_000,
    }) as LeasedPromise;
const shell = (script: string) => ({ command: '/bin/sh', args: ['-c', script], env: { PATH: process.env.PATH ?? '' }, graceMs: 200 });

certify('PromiseExecutor: commands', promiseExecutorContract, () => ({
  subject: {
    executor: makeCommandExecutor({
      commands: {
        analysis: shell('echo working >&2; cat'),
        search: shell('read what; echo "$what" >&2; case $what in busy) exit 75;; *) exit 1;; esac'),
        code: shell('exec sleep 30'),
      },
    }),
    succeeding: leased('analysis'),
    impossible: leased('search', 'impossible\n'),
    busy: leased('search', 'busy\n'),
    endless: leased('code'),
  },
  close: () => undefined,
}));
