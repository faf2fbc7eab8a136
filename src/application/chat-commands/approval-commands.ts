import type { Approval, StandingApproval } from '../../domain/approval/approval.ts';
import { type ApprovalId, approvalId } from '../../domain/approval/approval-id.ts';
import { spendingRun } from '../../domain/approval/guarded-call.ts';
import { visibleCode } from '../../domain/approval/visible.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { originOf } from '../../domain/message/access.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { readSpan, SPAN_FORMS } from '../../domain/shared/span.ts';
import { clockTime } from '../../domain/shared/time.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { type DecideIn, decideIn } from '../approvals/decide.ts';
import type { CommandReply } from './command-reply.ts';

const MAX_LISTED = 20;

/** `/approve` and `/deny`: a person's decision on an approval of this chat, in a message that is nothing but that. */
export const makeApprovalCommands = (deps: DecideIn & { readonly timeZone?: string }) => {
  const { timeZone = 'UTC' } = deps;

  const list = async ({ approvals }: Pick<Stores, 'approvals'>, chatId: ChatId, verdict: 'approve' | 'deny'): Promise<string> => {
    const open = await approvals.list({ chatId, statuses: ['asked'], limit: MAX_LISTED });
    if (open.length === 0) return NOTHING_WAITS;
    const line = ({ id, call, agent, expiresAt }: Approval): string =>
      `#${id} ${agent}: ${call.tool} ${inCode(call.input)} (until ${clockTime(expiresAt, timeZone)})`;
    return [`Which approval? For example: /${verdict} ${open[0]?.id}.`, ...open.map(line)].join('\n');
  };

  return (verdict: 'approve' | 'deny') =>
    (argument: string, { message }: InboxMessage): CommandReply => {
      const { chat, sender } = message;
      const wanted = readDecision(verdict, argument);
      if (!wanted) return (stores) => list(stores, chat.id, verdict);
      if (typeof wanted === 'string') return wanted;
      if (message.forwarded || message.edited !== undefined || message.editedAt !== undefined) return OF_ITS_OWN;
      return async (stores, at) => {
        const by = sender.kind === 'operator' ? ({ kind: 'operator' } as const) : ({ kind: 'person', origin: originOf(message) } as const);
        const { result, standing, events } = await decideIn(deps, stores, { id: wanted.id, verdict, by, options: wanted.options }, at);
        if (result.ok) return { text: doneWords(result.value, standing, timeZone), events };
        const { code, message: reason } = result.error;
        const isUnknown = code === 'approval/not-found' || code === 'approval/elsewhere';
        if (isUnknown && (await stores.approvals.countAsked(chat.id)) === 0) return { text: NOTHING_WAITS, events };
        return { text: `Not done: ${reason}.`, events };
      };
    };
};

/** The beginning of arguments. */
const inCode = (input: unknown): string => visibleCode(lineExcerpt(JSON.stringify(input) ?? '', 100));

const NOTHING_WAITS = 'Nothing waits for approval.';
const OF_ITS_OWN = 'Not done: a decision counts in a new message of your own alone, neither forwarded nor edited.';

interface Read {
  readonly id: ApprovalId;
  readonly options?: { readonly standingMs: number };
}

/** `4`, or `4 for 1 day`; undefined where no approval is named, a text where it can't be told what is meant. */
const readDecision = (verdict: 'approve' | 'deny', argument: string): Read | string | undefined => {
  const [, number, span] = /^#?(\d{1,15})(?:\s+for\s+(.{1,40}))?$/i.exec(argument) ?? [];
  if (number === undefined) return argument === '' ? undefined : `Not done: write nothing but /${verdict} and the number.`;
  const id = readId(number);
  if (id === undefined) return undefined;
  if (span === undefined) return { id };
  if (verdict === 'deny') return 'Not done: a denial holds for one call; write /deny and the number alone.';
  const standingMs = readSpan(shortSpan(span));
  if (standingMs === undefined || standingMs <= 0)
    return `Not done: ${JSON.stringify(span)} is no span of time. Write it as 1 day, 12 hours, or ${SPAN_FORMS}.`;
  return { id, options: { standingMs } };
};

/** `1 day` as `1d`. */
const shortSpan = (text: string): string =>
  text
    .trim()
    .replace(/^(an?|\d{1,6})\s*(week|day|hour|minute)s?$/i, (_, count: string, unit: string) => `${Number(count) || 1}${unit.charAt(0)}`);

const readId = (number: string): ApprovalId | undefined => (Number(number) > 0 ? approvalId(number) : undefined);

const doneWords = ({ id, status, call, callKey, promiseId }: Approval, given: StandingApproval | undefined, timeZone: string): string => {
  if (spendingRun({ call, ...present({ callKey }) }) !== undefined)
    return status === 'denied'
      ? `Approval #${id} is denied: promise #${promiseId} may not cost more.`
      : `Approval #${id} is given: promise #${promiseId} goes on.`;
  if (status === 'denied')
    return `Approval #${id} is denied: ${callKey === undefined ? `promise #${promiseId} is cancelled` : `promise #${promiseId} goes on without it`}.`;
  const standing = given
    ? ` Standing approval #${given.id} is given, too. Each further call of ${call.tool} in this chat runs without an approval until ${clockTime(given.expiresAt, timeZone)}.`
    : '';
  return `Approval #${id} is given: promise #${promiseId} goes on.${standing}`;
};
