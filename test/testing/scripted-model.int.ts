import { PortError } from '../../src/ports/index.ts';
import { languageModelContract, type ModelFailure, makeScriptedModel, type ScriptedStep } from '../../src/testing/index.ts';
import { certify } from '../support/contract.ts';
import { aRequest } from '../support/model-peer.ts';

const LOOK = { name: 'look', description: 'Looks', inputSchema: { type: 'object' } };
const usage = { inputTokens: 3, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0 };

certify('LanguageModel: scripted', languageModelContract, () => {
  let next: ScriptedStep = {};
  const playing = (step: ScriptedStep) => () => {
    next = step;
    return aRequest({ tools: [LOOK] });
  };
  const failures: readonly ModelFailure[] = [
    {
      code: 'rate-limited',
      retryable: true,
      request: playing({ error: new PortError('rate-limited', 'not now', { retryable: true }) }),
    },
  ];
  const model = makeScriptedModel(Array.from({ length: 10 }, () => () => next));
  return {
    subject: {
      model,
      sent: () => JSON.stringify(model.requests.at(-1)),
      text: playing({ deltas: ['Good ', 'morning.'], usage }),
      call: playing({ toolCalls: [{ id: 'c1', tool: 'look', input: {} }], usage }),
      endless: playing({ hang: true, deltas: ['Well'] }),
      failures,
    },
    close: () => undefined,
  };
});
