import { makeRunAgent, type RunAgent } from '../../../src/application/index.ts';
import type { ToolCall } from '../../../src/domain/index.ts';
import type { LanguageModel, Tool } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact } from '../support/harness.ts';
import { HELLO, testerContext, testerWith } from './tester.ts';

export const agent = testerWith(['look'], 40);
export const calls = (count: number, tool: string, input: unknown = {}): ToolCall[] =>
  Array.from({ length: count }, (_, i) => ({ id: `c${i}`, tool, input }));
export const nested = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`);

export const makeRun = (model: LanguageModel, run: Tool['run'] = async () => ({ output: 'seen', isError: false })) => {
  const logger = makeRecordingLogger();
  const abort = new AbortController();
  const drafts: string[] = [];
  let looks = 0;
  const look: Tool = {
    name: 'look',
    description: 'look',
    inputSchema: { type: 'object' },
    effect: 'reads',
    activity: 'looking',
    timeoutMs: 30_000,
    run: (input, context) => {
      looks++;
      return run(input, context);
    },
  };
  const context = testerContext(abort.signal);
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look]), events: logged(logger), clock: makeFixedClock(), redact });
  return {
    logger,
    drafts,
    abort,
    looks: () => looks,
    context,
    run: (more: Partial<Parameters<RunAgent>[1]> = {}) =>
      runAgent(agent, { conversation: HELLO, context, situation: '', onDraft: (draft) => drafts.push(draft()), ...more }),
  };
};
