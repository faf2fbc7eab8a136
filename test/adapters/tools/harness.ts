import { cronCalendar } from '../../../src/adapters/cron/index.ts';
import { makeAgentCatalog, makeToolActions } from '../../../src/application/index.ts';
import { DEFAULT_RETRY } from '../../../src/domain/index.ts';
import type { Stores, Tool, ToolContext, ToolOutcome } from '../../../src/ports/index.ts';
import { buildDraft, buildPolicy, makeFixedClock, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

export const contextFor = (directory: string, more: Partial<ToolContext> = {}): ToolContext => ({
  chatId: telegramChat(7),
  chatKind: 'direct',
  messageId: telegramMessage(1),
  requestedBy: { id: telegramUser(7) },
  scope: { directory },
  signal: new AbortController().signal,
  draft: buildDraft(),
  ...more,
});
/** What tools do over these stores. */
export const actionsOver = (stores: Stores) =>
  makeToolActions({
    stores,
    clock: makeFixedClock(),
    redact: (text) => text,
    retry: DEFAULT_RETRY,
    policy: buildPolicy(),
    calendar: cronCalendar,
    timeZone: 'UTC',
    agents: makeAgentCatalog(),
  });

export const call = (tools: readonly Tool[], name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(input, context);
};
