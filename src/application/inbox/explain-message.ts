import type { StoredRun } from '../../domain/agent/run.ts';
import type { RunStep } from '../../domain/agent/run-step.ts';
import { stepsInWords } from '../../domain/agent/steps-in-words.ts';
import { approvalInWords, chainInWords, costInWords, standingInWords } from '../../domain/audit/why.ts';
import { type ChatId, type MessageId, nativeId } from '../../domain/chat/ids.ts';
import type { Turn } from '../../domain/conversation/turn.ts';
import type { InboxMessage } from '../../domain/message/inbox-message.ts';
import type { OutboxItem } from '../../domain/outbox/outbox.ts';
import type { GateOutcome } from '../../domain/promise/gate.ts';
import type { AgentPromise } from '../../domain/promise/promise.ts';
import { commandHint } from '../../domain/shared/command-form.ts';
import { present } from '../../domain/shared/present.ts';
import { isUntrusted, labelsInWords, type Provenance } from '../../domain/trust/labels.ts';
import type { Journal } from '../../ports/storage/journal.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';
import { readWhy, whyPromise } from '../audit/read-why.ts';

/** Everything that is known of one message's fate. */
export interface Explanation {
  readonly record: InboxMessage;
  readonly turn?: Turn;
  /** What the agent did in the turn, oldest first; of one that is interrupted, what it has done so far. */
  readonly steps: readonly RunStep[];
  readonly replies: readonly OutboxItem[];
  readonly promises: readonly AgentPromise[];
  /** The same in words, in the order in which it happened. */
  readonly lines: readonly string[];
}

export type ExplainMessage = (chatId: ChatId, messageId: MessageId) => Promise<Explanation | undefined>;

/** Says why a message was answered or not; undefined where nothing is known of it. */
export const makeExplainMessage =
  (deps: { readonly stores: Stores }): ExplainMessage =>
  async (chatId, messageId) => {
    const { messages, turns, outbox, promises, chatMoves, journal, ledger } = deps.stores;
    const record = await messages.get(chatId, messageId);
    if (!record) return undefined;
    const { verdict } = record;
    const turn = verdict && 'turnId' in verdict ? await turns.get(verdict.turnId) : undefined;
    const steps = (turn ? await journal.ofTurn(turn.id) : verdict ? undefined : await openRun(journal, record))?.steps ?? [];
    const replies = await outbox.answering(chatId, messageId);
    const made = await promises.find({ chatId, messageId, limit: 100 });
    const whys = await Promise.all(made.map((promise) => whyPromise(deps.stores, promise)));
    const cost = turn && (await ledger.ofTurn(turn.id));
    const lines = [
      ...inWords(record, turn, steps, replies, made),
      ...whys.flatMap(({ approvals, standing }) => [
        ...approvals.map((approval) => approvalInWords(approval, READER)),
        ...standing.map((given) => standingInWords(given, READER)),
      ]),
      ...costInWords(present({ turn, cost, promises: whys })),
      ...moveInWords(chatId, await chatMoves.home(chatId)),
    ];
    return { record, ...(turn ? { turn } : {}), steps, replies, promises: made, lines };
  };

const READER = { timeZone: 'UTC' } as const;

/** The run that was interrupted while it answered this message. */
const openRun = async (journal: Pick<Journal, 'openTurn'>, { message }: InboxMessage): Promise<StoredRun | undefined> => {
  const run = await journal.openTurn(message.chat.id);
  return run?.asked.some(({ messageId }) => messageId === message.messageId) ? run : undefined;
};

/** A message of Kept's own. */
export interface OwnExplanation {
  readonly reply: OutboxItem;
  readonly lines: readonly string[];
}

export type ExplainOwn = (chatId: ChatId, messageId: MessageId) => Promise<OwnExplanation | undefined>;

/**
 * Says of a message that Kept sent what led to it: who asked, what was decided, done, approved and spent; undefined
 * when Kept is not known to have sent it.
 */
export const makeExplainOwn =
  (deps: { readonly stores: Stores }): ExplainOwn =>
  async (chatId, messageId) => {
    const reply = await deps.stores.outbox.sentAs(chatId, messageId);
    if (!reply) return undefined;
    const chain = chainInWords(await readWhy(deps.stores, reply), { timeZone: 'UTC', seesCost: true });
    return { reply, lines: ownInWords(reply, messageId, chain) };
  };

const ownInWords = (reply: OutboxItem, messageId: MessageId, chain: readonly string[]): string[] => {
  const { chatId, answers, replyTo, promiseId } = reply;
  const asked = answers.length > 0 ? answers : replyTo === undefined ? [] : [replyTo];
  const isReply = asked.length > 0 ? `a reply to message ${asked.map(nativeId).join(', ')}` : 'a reply to no message';
  return [
    `Message ${nativeId(messageId)} in chat ${chatId} is Kept's own: ${isReply}${promiseId === undefined ? '' : `, about promise #${promiseId}`}.`,
    ...chain,
    replyInWords(reply),
    ...shownInWords('Reply', reply),
    ...asked.map((id) => `Why message ${nativeId(id)} was answered: ${commandHint(`explain ${nativeId(id)} --chat ${chatId}`)}.`),
  ];
};

/** Promises, and replies that waited, went with the chat, and name no message of the old one any more. */
const moveInWords = (chatId: ChatId, home: ChatId): string[] =>
  home === chatId
    ? []
    : [
        `The chat goes on as ${home}: what waited to be sent went there, and so did its promises ` +
          `(${commandHint(`promises list --chat ${home}`)}).`,
      ];

const time = (ms: number): string => new Date(ms).toISOString();

const inWords = (
  record: InboxMessage,
  turn: Turn | undefined,
  steps: readonly RunStep[],
  replies: readonly OutboxItem[],
  promises: readonly AgentPromise[],
): string[] => {
  const { message, access, response, verdict } = record;
  const sender = message.sender.username ?? message.sender.displayName ?? message.sender.id;
  return [
    `Message ${nativeId(message.messageId)} in chat ${message.chat.id}, from ${sender}, sent ${time(message.sentAt)}, received ${time(record.receivedAt)}.`,
    ...(message.editedAt === undefined ? [] : [`Edited ${time(message.editedAt)}; what it says now is what is remembered of it.`]),
    ...(record.deletedAt === undefined
      ? []
      : [
          `Deleted from the chat, or forgotten here, as of ${time(record.deletedAt)}: what it said is gone${verdict?.kind === 'ignored' ? ', and it is not answered' : ''}.`,
        ]),
    ...(message.files ?? []).map(({ kind, path }) =>
      path === undefined ? `It brought a file (${kind}) that was not kept.` : `It brought a file (${kind}), kept as ${path}.`,
    ),
    `Access: ${access.allowed ? 'allowed' : 'denied'} by rule ${access.rule}, set at ${access.path}.`,
    ...(response ? [`Response: ${response.action}, by rule ${response.rule}.`] : []),
    ...(message.attachments ? ['The files that it brings are still being fetched.'] : []),
    verdict
      ? `Verdict: ${verdict.kind}${verdict.kind === 'failed' ? ` (${verdict.reason})` : ''}.`
      : 'Verdict: none yet; it waits for its turn.',
    ...(turn
      ? [
          `Turn ${turn.id}: agent ${turn.agent}, model ${turn.model ?? 'none'}, ${turn.endedAt - turn.startedAt} ms, ${turn.toolCalls} tool call${turn.toolCalls === 1 ? '' : 's'}, ${turn.outcome}.`,
          ...(turn.gate ? [GATE[turn.gate]] : []),
        ]
      : []),
    ...stepsInWords(steps),
    ...replies.flatMap((reply) => [replyInWords(reply), ...shownInWords('Reply', reply)]),
    ...promises.flatMap((promise) => [
      `Promise #${promise.id}: ${promise.status}, attempts ${promise.attempts}, ${deliveredInWords(promise)}.`,
      ...shownInWords(`Promise #${promise.id}`, promise),
    ]),
  ];
};

const GATE: Readonly<Record<GateOutcome, string>> = {
  'sent-back': 'Promise gate: the answer claimed work that was not promised; the model was asked again, and its next answer was true.',
  rewritten: 'Promise gate: the answer claimed work that was not promised, also when the model was asked again; the claims were taken out.',
  'deeds-sent-back': 'Receipts: the answer claimed a deed that no tool did; the model was asked again, and its next answer was true.',
  'deeds-rewritten':
    'Receipts: the answer claimed a deed that no tool did, also when the model was asked again; the claims were taken out.',
};

const replyInWords = (reply: OutboxItem): string => {
  if (reply.status === 'sent')
    return `Reply: delivered ${time(reply.sentAt)} ${reply.sentMessageId === undefined ? 'as a message that was not found again' : `as message ${nativeId(reply.sentMessageId)}`}, after ${reply.attempts + 1} send${reply.attempts === 0 ? '' : 's'}.`;
  if (reply.status === 'failed') return `Reply: given up ${time(reply.failedAt)}: ${reply.lastError}.`;
  return `Reply: to be sent${reply.lastError === undefined ? '' : ` (${reply.attempts} send${reply.attempts === 1 ? '' : 's'} failed, the last: ${reply.lastError})`}.`;
};

/** What others wrote and whoever wrote it had been shown. */
const shownInWords = (what: string, { provenance }: { readonly provenance?: Provenance }): string[] => {
  const untrusted = provenance?.labels.filter(isUntrusted) ?? [];
  return untrusted.length === 0 ? [] : [`${what}: led to by ${labelsInWords(untrusted)}, too, which people here did not write.`];
};

const deliveredInWords = (promise: AgentPromise): string =>
  'deliveredAt' in promise && promise.deliveredAt !== undefined
    ? `outcome delivered ${time(promise.deliveredAt)}`
    : 'outcome not delivered yet';
