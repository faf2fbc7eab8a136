import { promiseView, runStepViews } from '../../adapters/views/index.ts';
import type { Explanation, OwnExplanation } from '../../application/index.ts';
import { type OutboxItem, present } from '../../domain/index.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

/** What happened to a message, as JSON. Names and times are as in the other views. */
export const explanationView = ({ record, turn, steps, replies, promises, lines }: Explanation) => {
  const {
    chat: { id: chatId },
    messageId,
    sender,
    text,
    sentAt,
    replyTo,
  } = record.message;
  return {
    chatId: chatId,
    messageId,
    sender: senderView(sender),
    text,
    ...present({ replyTo }),
    sentAt: iso(sentAt),
    receivedAt: iso(record.receivedAt),
    access: record.access,
    ...present({ response: record.response, verdict: record.verdict, turn: turn && turnView(turn) }),
    steps: steps.length > 0 ? runStepViews(steps) : turn ? onlyStep(turn) : [],
    replies: replies.map(replyView),
    promises: promises.map(promiseView),
    lines,
  };
};

/** A turn whose model answered at once has no run of its own: its reply is the one step. */
const onlyStep = ({ model, usage, startedAt, endedAt }: NonNullable<Explanation['turn']>) =>
  model === undefined
    ? []
    : [{ kind: 'model' as const, at: iso(endedAt), model, stop: 'end', toolCalls: 0, usage, durationMs: endedAt - startedAt }];

/** The operator's id means nothing elsewhere, so it is left out. */
const senderView = ({ id, ...sender }: Explanation['record']['message']['sender']) =>
  sender.kind === 'operator' || sender.kind === 'self' ? sender : { id, ...sender };

/** The same for a message that Kept itself sent. */
export const ownExplanationView = ({ reply, lines }: OwnExplanation) => ({ chatId: reply.chatId, ...replyView(reply), lines });

const turnView = ({ id, agent, model, outcome, gate, toolCalls, usage, startedAt, endedAt }: NonNullable<Explanation['turn']>) => ({
  id,
  agent,
  ...present({ model }),
  outcome,
  ...present({ gate }),
  toolCalls,
  usage,
  startedAt: iso(startedAt),
  endedAt: iso(endedAt),
});

const replyView = (reply: OutboxItem) => ({
  status: reply.status,
  ...(reply.status === 'sent' && reply.sentMessageId !== undefined ? { messageId: reply.sentMessageId } : {}),
  text: reply.text,
  answers: reply.answers,
  ...present({ replyTo: reply.replyTo, promiseId: reply.promiseId, labels: reply.provenance?.labels }),
  createdAt: iso(reply.createdAt),
  ...(reply.status === 'sent' ? { deliveredAt: iso(reply.sentAt) } : {}),
  ...(reply.status === 'failed' ? { failedAt: iso(reply.failedAt) } : {}),
  ...(reply.status !== 'sent' && reply.lastError !== undefined ? { errorMessage: reply.lastError } : {}),
});
