import { falseDeeds } from '../../domain/claims/deed-backing.ts';
import { isTrue, withoutUntrue } from '../../domain/claims/untrue.ts';
import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import { decidedIn } from '../../domain/conversation/decision.ts';
import type { TurnSettings } from '../../domain/conversation/turn-settings.ts';
import type { IncomingMessage } from '../../domain/message/message.ts';
import { repliedInWords } from '../../domain/message/replied.ts';
import { namedNumbers } from '../../domain/promise/decided.ts';
import { capitalised } from '../../domain/shared/capitalised.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import type { DraftPromise } from '../../ports/use-cases/make-promise.ts';
import { receiptsOfPart } from '../agents/deed-receipts.ts';
import type { ClaimCheck } from '../agents/promise-gate.ts';
import { MAX_DESCRIPTION_LENGTH } from '../promises/check-task.ts';
import type { TurnMessages } from './commit-turn.ts';
import type { TurnContext } from './turn-context.ts';

/**
 * Continues the work of a turn as a promise. Resolves to the reply: what people have `seen` of the answer, and that the
 * work goes on; or to why it can't, in words for the chat and for the log.
 */
export type GoOnLater = (
  records: TurnMessages,
  context: TurnContext,
  seen: string,
  /** What the run has done so far. */
  steps: readonly ConversationStep[],
) => Promise<Result<string, { readonly text: string; readonly reason: string }>>;

/** If the turn has made promises or schedules, they stand; if not, the whole question becomes a promise. */
export const makeGoOnLater = (deps: {
  readonly draftPromise: DraftPromise;
  readonly settings: Pick<TurnSettings, 'replyTimeoutMs'>;
  readonly findClaims: ClaimCheck;
}): GoOnLater => {
  const limit = `${Math.round(deps.settings.replyTimeoutMs / 1000)} s`;
  const inBackground = (ids: readonly number[]): string =>
    `This takes longer than ${limit}, so it goes on in the background as ${namedNumbers('promise', ids)}. The result comes to this chat.`;

  const goOn = async (records: TurnMessages, context: TurnContext): ReturnType<GoOnLater> => {
    const decided = decidedIn(context.draft);
    const promises = decided.promises.map(({ id }) => id).filter((id) => !decided.cancelledPromises.includes(id));
    if (promises.length > 0) return ok(inBackground(promises));
    const schedules = decided.schedules.map(({ id }) => id).filter((id) => !decided.endedSchedules.includes(id));
    if (schedules.length > 0) {
      const made = `${capitalised(namedNumbers('schedule', schedules))} ${schedules.length > 1 ? 'are' : 'is'} made`;
      return ok(`I had no more than ${limit} for this. ${made}; please ask again for the rest.`);
    }
    const question = records.map(({ message }) => withReplied(message)).join('\n\n');
    const description = beginningOf(question, MAX_DESCRIPTION_LENGTH);
    const made = await deps.draftPromise({ description, goesOn: true }, context);
    if (!made.ok) {
      const reason = made.error.message;
      const text = `I could not answer this within ${limit}, and it can't go on in the background: ${reason}.\nNothing was changed.`;
      return err({ text, reason });
    }
    const isCut = question.length > MAX_DESCRIPTION_LENGTH;
    const cut = isCut ? ` It has the first ${MAX_DESCRIPTION_LENGTH} characters of what was asked.` : '';
    return ok(`${inBackground([made.value.promise.id])}${cut}`);
  };

  return async (records, context, seen, steps) => {
    const later = await goOn(records, context);
    if (!later.ok || seen.trim() === '') return later;
    // No model corrects this text any more, so false claims are removed from it.
    const claims = await deps.findClaims(seen, context);
    const untrue = { claims, deeds: falseDeeds(seen, receiptsOfPart(steps)) };
    const part = isTrue(untrue) ? seen : withoutUntrue(seen, untrue);
    return part.trim() === '' ? later : ok(`${part.trim()} …\n\n${later.value}`);
  };
};

/** What is asked, and behind it what it replies to: the chat may have forgotten that when the work begins. */
const withReplied = ({ text, replied }: IncomingMessage): string =>
  replied ? `${text.trim()}\n\n${repliedInWords(replied).trim()}` : text.trim();
