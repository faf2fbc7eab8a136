import { excerpt, LISTED_RIGHTS, type OutboxItem, RIGHT_WORDS, toUsd } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import type { AccessIn, AccessTold, ChatsPage, ConversationItem, ConversationPage, ListedChat, PromiseDetail } from '../../ports/index.ts';
import { iso } from './iso.ts';
import { promiseView } from './promise-view.ts';
import { runStepViews } from './run-step-view.ts';

const LINE_LENGTH = 120;
/** A conversation is read in pages; a longer message is cut there. */
const SHOWN_LENGTH = 20_000;

export const chatsView = ({ chats, total, isCut }: ChatsPage) => ({ chats: chats.map(chatView), total, isCut });

const chatView = ({ chat, workspace, last, lastAt, openPromises }: ListedChat) => ({
  chatId: chat.id,
  kind: chat.kind,
  ...present({ title: chat.title, workspace }),
  lastAt: iso(lastAt),
  lastText: excerpt(last.message.text, LINE_LENGTH),
  lastVerdict: last.verdict?.kind ?? ('open' as const),
  openPromises,
});

export const conversationView = ({ entries }: Pick<ConversationPage, 'entries'>) => ({ entries: entries.map(entryView) });

const entryView = (entry: ConversationItem) => {
  if (entry.kind === 'reply') return replyView(entry.reply);
  const { message, verdict, deletedAt } = entry.message;
  return {
    from: 'chat' as const,
    at: iso(entry.at),
    messageId: message.messageId,
    sender: { id: message.sender.id, ...present({ username: message.sender.username, displayName: message.sender.displayName }) },
    text: excerpt(message.text, SHOWN_LENGTH),
    verdict: verdict?.kind ?? ('open' as const),
    ...present({ replyTo: message.replyTo, deletedAt: deletedAt === undefined ? undefined : iso(deletedAt) }),
  };
};

const replyView = (reply: OutboxItem) => ({
  from: 'agent' as const,
  id: reply.id,
  at: iso(reply.createdAt),
  text: excerpt(reply.text, SHOWN_LENGTH),
  status: reply.status,
  ...present({
    messageId: reply.status === 'sent' ? reply.sentMessageId : undefined,
    replyTo: reply.replyTo,
    promiseId: reply.promiseId,
    deliveredAt: reply.status === 'sent' ? iso(reply.sentAt) : undefined,
    errorMessage: reply.status === 'sent' ? undefined : reply.lastError,
  }),
});

export const promiseDetailView = ({ promise, steps, cost, told, parents, children }: PromiseDetail) => ({
  promise: promiseView(promise),
  workspace: promise.tenant,
  steps: runStepViews(steps),
  cost: {
    costUsd: toUsd(cost.cost),
    calls: cost.calls,
    unpricedCalls: cost.unpriced,
    inputTokens: cost.inputTokens,
    outputTokens: cost.outputTokens,
  },
  told: told.map(replyView),
  parents: parents.map(promiseView),
  children: children.map(promiseView),
});

export const accessView = ({ subject, allowed, rule, path, places }: AccessTold) => ({
  subject,
  allowed,
  rule,
  path,
  places: places.map(placeView),
});

const placeView = ({ of, allowed, rule, path, role, directory, rights }: AccessIn) => ({
  of,
  allowed,
  rule,
  path,
  ...present({ role, directory }),
  rights: LISTED_RIGHTS.map((right) => {
    const { allowed, rule, path, needsApproval } = rights[right];
    return { right, words: RIGHT_WORDS[right], allowed, needsApproval: needsApproval === true, rule, path };
  }),
});
