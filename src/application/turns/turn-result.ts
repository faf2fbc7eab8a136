import { type ChatId, isLocalChat } from '../../domain/chat/ids.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { decidedIn, type TurnDraft } from '../../domain/conversation/decision.ts';
import { untold } from '../../domain/promise/decided.ts';
import type { Provenance } from '../../domain/trust/labels.ts';
import { OWN_WORDS } from '../../domain/trust/labels.ts';
import { reasonOf } from '../../ports/port-error.ts';
import type { AgentRun } from '../agents/run-agent.ts';
import type { TurnResult } from './commit-turn.ts';
import { failureWords } from './failure-words.ts';

/** The turn's agent has answered, or has said why it does not. */
export const answered = (agent: string, run: AgentRun, draft: TurnDraft): TurnResult => {
  const { promises, schedules } = decidedIn(draft);
  const outcome = promises.length + schedules.length > 0 ? 'promised' : 'answered';
  const text = tellingAll(run.text, draft);
  const result: TurnResult = { outcome, agent, text, run, draft };
  // What a model declines, it declines again with all that follows: the conversation keeps none of it.
  if (run.unanswered === 'refused') return result;
  // That there is no answer is told in words of ours: the model never said them.
  if (run.unanswered === 'empty' && outcome === 'answered') return { ...result, steps: [] };
  return { ...result, steps: [...run.steps.slice(0, -1), said(text, run.steps.at(-1)?.provenance)] };
};

/** The reply's time is over, and the work goes on as a promise. */
export const promised = (
  agent: string,
  text: string,
  steps: readonly ConversationStep[],
  draft: TurnDraft,
  provenance: Provenance | undefined,
): TurnResult => {
  const whole = tellingAll(text, draft);
  return { outcome: 'promised', agent, text: whole, steps: [...steps, said(whole, provenance)], draft };
};

/** The turn has failed. What it had decided is taken back: its reply says that nothing was changed. */
export const failed = (
  agent: string,
  error: unknown,
  { chatId, now, timeZone }: { readonly chatId: ChatId; readonly now: number; readonly timeZone?: string | undefined },
): TurnResult => {
  const reader = isLocalChat(chatId) ? 'operator' : 'anybody';
  const { text, mayBeAskedAgain } = failureWords(error, { reader, now, timeZone });
  return { outcome: 'failed', agent, text, reason: reasonOf(error), ...(mayBeAskedAgain ? { steps: [] } : {}) };
};

const said = (text: string, provenance: Provenance | undefined): ConversationStep => ({
  role: 'agent',
  text,
  toolCalls: [],
  provenance: provenance ?? OWN_WORDS,
});

/** The answer, and below it what the turn decided and the answer does not name. */
export const tellingAll = (text: string, draft: TurnDraft): string => {
  const { promises, cancelledPromises, schedules, endedSchedules } = decidedIn(draft);
  const line = untold(text, {
    promises: promises.map(({ id }) => id),
    cancelledPromises,
    schedules: schedules.map(({ id }) => id),
    endedSchedules,
  });
  return line === '' ? text : `${text}\n\n${line}`;
};
