import { addUsage, isPaid, NO_USAGE, type Usage } from '../../domain/conversation/turn.ts';
import type { ModelReply } from '../../ports/language-model.ts';
import { isPortError, withUsage } from '../../ports/port-error.ts';

/** What a failed call used, as far as it is known. */
export const paidBy = (error: unknown): Usage => (isPortError(error) ? (error.usage ?? NO_USAGE) : NO_USAGE);

/** The failure, with what was used before it added. */
export const alsoPaid = (error: unknown, before: Usage): unknown =>
  isPortError(error) ? withUsage(error, addUsage(before, paidBy(error))) : error;

/** The reply, with what was used before it added. */
export const withPaid = (reply: ModelReply, before: Usage): ModelReply =>
  isPaid(before) ? { ...reply, usage: addUsage(before, reply.usage) } : reply;
