import { makeRunAgent, type RunAgent } from '../../../src/application/index.ts';
import type { Agent, ToolCall } from '../../../src/domain/index.ts';
import type { LanguageModel, Tool, ToolContext } from '../../../src/ports/index.ts';
import { makeFixedClock, makeRecordingLogger, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { modelAndTools } from '../../support/catalogs.ts';
import { logged } from '../../support/logged.ts';
import { redact } from '../support/harness.ts';

export const agent: Agent = {
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools: ['look'],
  limits: { maxSteps: 40, maxOutputTokens: 100 },
};
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
  const context: ToolContext = {
    chatId: telegramChat(501),
    chatKind: 'direct',
    requestedBy: { id: telegramUser(501) },
    scope: { directory: '/srv' },
    signal: abort.signal,
  };
  const runAgent = makeRunAgent({ ...modelAndTools(model, [look]), events: logged(logger), clock: makeFixedClock(), redact });
  const conversation = [{ role: 'person', name: 'Ada', text: 'hello' }] as const;
  return {
    logger,
    drafts,
    abort,
    looks: () => looks,
    context,
    run: (more: Partial<Parameters<RunAgent>[1]> = {}) =>
      runAgent(agent, { conversation, context, situation: '', onDraft: (draft) => drafts.push(draft()), ...more }),
  };
};
