import type { Tool, ToolContext, ToolOutcome } from '../../../src/ports/index.ts';
import { buildDraft, telegramChat, telegramMessage, telegramUser } from '../../../src/testing/index.ts';

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
export const call = (tools: readonly Tool[], name: string, input: unknown, context: ToolContext): Promise<ToolOutcome> => {
  const tool = tools.find((candidate) => candidate.name === name);
  if (!tool) throw new Error(`no tool ${name}`);
  return tool.run(input, context);
};
