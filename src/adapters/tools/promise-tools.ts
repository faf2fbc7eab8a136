import { z } from 'zod';
import { gatewayOf, type MessageId, messageIdOf, nativeId } from '../../domain/chat/ids.ts';
import { plainId } from '../../domain/chat/plain-id.ts';
import { decidedIn, type TurnDraft } from '../../domain/conversation/decision.ts';
import { type AgentPromise, PROMISE_STATUSES, promiseId, TASK_TYPES } from '../../domain/promise/promise.ts';
import { timesAhead } from '../../domain/promise/times.ts';
import { beginningOf, lineExcerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';
import { err, ok, type Result } from '../../domain/shared/result.ts';
import { clockTime, readTime, readTimeOfDay, timeForms } from '../../domain/shared/time.ts';
import { joined } from '../../domain/trust/labels.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Tool, ToolContext } from '../../ports/tool.ts';
import type { DraftCancellation } from '../../ports/use-cases/command-promise.ts';
import type { DraftPromise } from '../../ports/use-cases/make-promise.ts';
import type { ListPromises } from '../../ports/use-cases/queries.ts';
import { withAgent } from './agent-argument.ts';
import { boundedLines } from './bounded-text.ts';
import { defineTool, failure, overStorage } from './define-tool.ts';

/** What the tools need of the application. */
export interface PromiseToolDeps {
  readonly draftPromise: DraftPromise;
  readonly listPromises: ListPromises;
  readonly cancelPromise: DraftCancellation;
  readonly clock: Pick<Clock, 'now'>;
  /** An IANA name. Times without a time zone of their own are read in it. */
  readonly timeZone: string;
  /**
   * Names of the agents that keep promises; the first is the default of a promise. Leave it out if there is only one.
   */
  readonly agents?: readonly string[] | undefined;
}

/** Longer than any time is written. */
const time = z.string().trim().min(1).max(60);
const number = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);

/** The message that asks for what the tool makes, by its name in the conversation. Models also write a number. */
export const message = z.coerce
  .string()
  .trim()
  .min(1)
  .max(200)
  .optional()
  .describe('Number of the message that asks for it, where messages have numbers; the last one when left out');

/**
 * Tools that make, list and cancel the promises of the chat that a turn answers: `make_promise`, `list_promises`,
 * `cancel_promise`.
 */
export const makePromiseTools = (deps: PromiseToolDeps): Tool[] => {
  const { draftPromise, listPromises, cancelPromise, clock, timeZone, agents = [] } = deps;
  return [
    defineTool({
      name: 'make_promise',
      description:
        'Makes a durable background task, for work that takes longer than a reply. It starts when this reply is sent, and its result comes to this chat by itself.',
      schema: withAgent(
        z.object({
          description: z.string().trim().min(1).max(10_000).describe('The whole task, in words that make sense without this conversation'),
          task_type: z.enum(TASK_TYPES).optional().describe('The kind of work; analysis when left out'),
          priority: z.number().int().min(1).max(10).optional().describe('1 is first, 10 is last; 5 when left out'),
          depends_on: z.array(number).max(50).optional().describe('Numbers of promises that must be completed before'),
          at: time
            .optional()
            .describe(
              `Not to be started before: a time of day (17:00, tomorrow 09:00, monday 09:30: the next one on the clocks of ${timeZone}), ${timeForms(timeZone)}; at once when left out`,
            ),
          deadline: time.optional().describe('It fails when it is not done by then; written like at. Only where somebody set one'),
          message,
          idempotency_key: z.string().trim().min(1).max(200).optional().describe('A second promise with the same key is not made'),
        }),
        agents,
      ),
      effect: 'decides',
      activity: 'making a promise',
      run: async ({ description, task_type, priority, depends_on, at, deadline, idempotency_key, message, agent }, context) => {
        const times = readTimes({ notBefore: at, deadline }, timeZone, clock.now());
        if (!times.ok) return failure(`No promise was made: ${times.error}`);
        const drafted = await draftPromise(
          {
            description,
            ...present({ agent, taskType: task_type, priority }),
            ...(depends_on === undefined ? {} : { dependsOn: depends_on.map(promiseId) }),
            ...times.value,
            ...(message === undefined ? {} : { messageId: askedMessage(message, context) }),
            ...present({ idempotencyKey: idempotency_key }),
          },
          context,
        );
        if (!drafted.ok) return failure(`No promise was made: ${drafted.error.message}`);
        const { promise, isNew } = drafted.value;
        if (!isNew)
          return `Promise #${promise.id} was already made with this key [${promise.status}]: ${lineExcerpt(promise.description, 200)}. No other was made.`;
        const approval = promise.status === 'waiting' ? promise.approvalId : undefined;
        const asked =
          approval === undefined
            ? ''
            : ` It needs the approval of a person: approval #${approval} is asked with this reply. Tell them that number, too.`;
        const waits =
          promise.dependsOn.length === 0 ? '' : ` It starts once ${promise.dependsOn.map((id) => `#${id}`).join(', ')} completed.`;
        return `Promise #${promise.id} is made with this reply: ${lineExcerpt(promise.description, 1000)}.${waits}${asked}${timesText(promise, timeZone)} Its result comes to this chat by itself; tell the person its number.`;
      },
    }),

    defineTool({
      name: 'list_promises',
      description: `Lists the promises of this chat, newest first, with their numbers and states, and when they start and are to be done by, in ${timeZone} time.`,
      schema: z.object({ status: z.enum(PROMISE_STATUSES).optional().describe('Only those in this state') }),
      effect: 'reads',
      activity: 'looking at promises',
      run: async ({ status }, { chatId, draft }) => {
        const stored = await listPromises({ chatId, ...(status === undefined ? {} : { statuses: [status] }) });
        const drafted = decidedIn(draft)
          .promises.filter((promise) => status === undefined || promise.status === status)
          .toReversed();
        const known = new Set(drafted.map(({ id }) => id));
        const promises = [...drafted, ...stored.filter(({ id }) => !known.has(id))];
        if (promises.length === 0)
          return `This chat has no ${status === undefined || status === 'in_progress' ? '' : `${status} `}promises${status === 'in_progress' ? ' in progress' : ''}.`;
        const lines = promises.map((promise) => lineOf(promise, draft, timeZone));
        return { output: boundedLines([], lines), isError: false, provenance: joined(promises.map(({ provenance }) => provenance)) };
      },
    }),

    defineTool({
      name: 'cancel_promise',
      description: 'Cancels a promise of this chat that has not ended.',
      schema: z.object({ id: number.describe("The promise's number") }),
      effect: 'decides',
      activity: 'cancelling a promise',
      run: async ({ id }, context) => {
        const cancelled = await cancelPromise(promiseId(id), context);
        if (!cancelled.ok) return failure(`Nothing was cancelled: ${cancelled.error.message}`);
        return `Promise #${id} is cancelled with this reply.`;
      },
    }),
  ].map(overStorage);
};

const namesOf = (id: MessageId): readonly string[] => [id, ...[nativeId(id), plainId(id)].flatMap((name) => [name, `#${name}`])];

/** The message that a model names: one that the turn answers. Any other is refused later. */
export const askedMessage = (named: string, { asked = [], chatId }: ToolContext): MessageId =>
  asked.find(({ messageId }) => namesOf(messageId).includes(named))?.messageId ?? messageIdOf(gatewayOf(chatId), beginningOf(named, 40));

type Times = { readonly notBefore?: number; readonly deadline?: number };

/** Reads the given times. The failure names the one that is not a time. */
const readTimes = (texts: Readonly<Record<keyof Times, string | undefined>>, timeZone: string, now: number): Result<Times, string> => {
  const read: Record<string, number> = {};
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined) continue;
    const at = readTimeOfDay(text, timeZone, now) ?? readTime(text, timeZone, now);
    if (at === undefined)
      return err(
        `${JSON.stringify(text)} is no time: write ${timeForms(timeZone)}; or a time of day, as 17:00 or tomorrow 09:00. It is ${clockTime(now, timeZone)} now`,
      );
    read[name] = at;
  }
  return ok(read);
};

const timesText = ({ notBefore, deadline }: AgentPromise, timeZone: string): string =>
  [
    ...(notBefore === undefined ? [] : [` It starts at ${clockTime(notBefore, timeZone)} (${timeZone}).`]),
    ...(deadline === undefined ? [] : [` It is to be done by ${clockTime(deadline, timeZone)} (${timeZone}), or fails.`]),
  ].join('');

const lineOf = (promise: AgentPromise, draft: TurnDraft | undefined, timeZone: string): string => {
  const { id, status, description, createdAt } = promise;
  const times = [`made ${clockTime(createdAt, timeZone)}`, ...timesAhead(promise, timeZone)].join('; ');
  const ends = decidedIn(draft).cancelledPromises.includes(id) ? ' – is cancelled with this reply' : '';
  return `#${id} [${status}] ${lineExcerpt(description, 300)} (${times})${ends}`;
};
