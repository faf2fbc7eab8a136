import type { MessageId } from '../../domain/chat/ids.ts';
import { plainId } from '../../domain/chat/plain-id.ts';
import { present } from '../../domain/shared/present.ts';
import { ok, type Result, refuse } from '../../domain/shared/result.ts';
import type { ToolContext } from '../../ports/tool.ts';
import type { PromiseOrigin, TaskRefusal } from '../../ports/use-cases/make-promise.ts';

/** Like `askedBy`, where it matters who it was: among several people, the message that `does` so must be named. */
export const askedByOne = (context: ToolContext, named: MessageId | undefined, does: string): Result<PromiseOrigin, string> => {
  const people = new Set(context.asked?.map(({ requestedBy }) => requestedBy.id));
  if (named === undefined && people.size > 1) return { ok: false, error: `several people wrote: name the message that ${does}` };
  const origin = askedBy(context, named);
  return origin.ok ? origin : { ok: false, error: origin.error.message };
};

/**
 * Where what a turn makes comes from: the message that is named, with who sent it; else the last one. One that the turn
 * does not answer is refused.
 */
export const askedBy = (context: ToolContext, named: MessageId | undefined): Result<PromiseOrigin, TaskRefusal> => {
  const { chatId, chatKind, messageId, requestedBy, asked } = context;
  if (named === undefined || named === messageId || !asked) return ok({ chatId, chatKind, requestedBy, ...present({ messageId }) });
  const message = asked.find((one) => one.messageId === named);
  if (message) return ok({ chatId, chatKind, ...message });
  const numbers = asked.map((one) => plainId(one.messageId)).join(', ');
  return refuse(
    'promise/invalid',
    `message ${plainId(named)} is none of those that are answered now${numbers === '' ? '' : ` (${numbers})`}`,
  );
};
