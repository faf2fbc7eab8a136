import type { Agent } from '../../../src/domain/index.ts';
import type { ToolContext } from '../../../src/ports/index.ts';
import { telegramChat, telegramUser } from '../../../src/testing/index.ts';

/** An agent with these tools. */
export const testerWith = (tools: readonly string[], maxSteps = 4): Agent => ({
  name: 'tester',
  description: '',
  instructions: 'Be brief.',
  tools,
  limits: { maxSteps, maxOutputTokens: 100 },
});

/** A direct chat with person 501, in which the tester runs. */
export const testerContext = (signal: AbortSignal = new AbortController().signal): ToolContext => ({
  chatId: telegramChat(501),
  chatKind: 'direct',
  requestedBy: { id: telegramUser(501) },
  scope: { directory: '/srv' },
  signal,
});

export const HELLO = [{ role: 'person', name: 'Ada', text: 'hello' }] as const;
