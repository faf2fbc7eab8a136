import { systemClock } from '../../../src/adapters/system/index.ts';
import { makeAgentCatalog, makeRunAgent } from '../../../src/application/index.ts';
import { makeAgentExecutor } from '../../../src/application/worker/agent-executor.ts';
import type { LeasedPromise } from '../../../src/domain/index.ts';
import { PortError, silentEvents } from '../../../src/ports/index.ts';
import {
  buildPolicy,
  buildPromise,
  makeScriptedModel,
  promiseAfter,
  promiseExecutorContract,
  type ScriptedStep,
} from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { certify } from '../../support/contract.ts';

const usage = { inputTokens: 30, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };

certify('PromiseExecutor: agents', promiseExecutorContract, () => {
  let next: ScriptedStep = {};
  const playing = (step: ScriptedStep) => () => {
    next = step;
    const started = { type: 'start', at: systemClock.now(), workerId: 'w', leaseMs: 1_000 } as const;
    return promiseAfter(buildPromise(), started) as LeasedPromise;
  };
  const model = makeScriptedModel(Array.from({ length: 10 }, () => () => next));
  return {
    subject: {
      executor: makeAgentExecutor({
        promises: { getMany: async () => [] },
        runAgent: makeRunAgent({ ...modelAndTools(model), events: silentEvents, clock: systemClock, redact: (text) => text }),
        agents: makeAgentCatalog(),
        policy: buildPolicy(),
        clock: systemClock,
        events: silentEvents,
      }),
      succeeding: playing({ text: 'There are three.', usage }),
      impossible: playing({ toolCalls: [{ id: 'r', tool: 'report_failure', input: { reason: 'The file is missing.' } }], usage }),
      busy: playing({ error: new PortError('unavailable', 'overloaded', { retryable: true, usage }) }),
      endless: playing({ hang: true }),
    },
    close: () => undefined,
  };
});
