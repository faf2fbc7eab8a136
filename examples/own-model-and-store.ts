// Your own model and your own store in the place of ours: a message comes in, a turn runs, its answer waits in the outbox.
// Prints: You said "Two tickets, please". I have heard 1 thing so far.
// Prints: You said "And one for Ada". I have heard 3 things so far.
import * as kept from 'kept';
import { makeMemoryStorage } from 'kept/adapters/memory';
import { systemClock as clock, systemRandomness as randomness } from 'kept/adapters/system';

const answerTo = (steps: readonly kept.ConversationStep[]) => {
  const said = steps.flatMap((step) => (step.role === 'person' ? step.text : [])).at(-1);
  return `You said "${said}". I have heard ${steps.length} ${steps.length === 1 ? 'thing' : 'things'} so far.`;
};
const model: kept.LanguageModel = {
  name: 'mine/echo',
  respond: async ({ conversation }) => ({ text: answerTo(conversation), toolCalls: [], stop: 'end', usage: kept.NO_USAGE, model: 'echo' }),
};

const entries: kept.ConversationEntry[] = [];
const conversations: kept.ConversationStore = {
  append: async (added) => void entries.push(...added),
  recent: async (chatId, limit) => entries.filter((entry) => entry.chatId === chatId).slice(-limit),
};
const memory = makeMemoryStorage();
const stores: kept.Stores = { ...memory.stores, conversations };
const unitOfWork: kept.UnitOfWork = { run: (work) => memory.unitOfWork.run((inside) => work({ ...inside, conversations })) };

const quiet = () => undefined;
const logger: kept.Logger = { debug: quiet, info: quiet, warn: quiet, error: console.error, child: () => logger };
const redact: kept.Redact = (text) => text;
const whitelist = { userIds: new Map(), usernames: new Map(), defaultDirectory: process.cwd() };
const policy: kept.AccessPolicy = { workspaces: [], whitelist };

const receive = kept.makeReceiveMessage({ unitOfWork, policy, clock, logger, redact, isOutstandingPing: () => false });
const answer = kept.makeAnswerChat({
  ...{ stores, unitOfWork, policy, clock, randomness, logger, agent: kept.CHAT_AGENT },
  runAgent: kept.makeRunAgent({ model, tools: [], logger, redact }),
  draftPromise: kept.makeDraftPromise({ promises: stores.promises, clock, redact, retry: kept.DEFAULT_RETRY }),
  statusLine: async () => 'well',
  showDraft: quiet,
  settings: { replyTimeoutMs: 30_000, maxHistory: 50, maxHistoryTokens: 10_000 },
});

const chatId = kept.DEFAULT_LOCAL_CHAT;
for (const [index, text] of ['Two tickets, please', 'And one for Ada'].entries()) {
  const messageId = kept.messageId(index + 1);
  await receive({ chatId, messageId, chatKind: 'direct', sender: { id: kept.OPERATOR_ID, kind: 'operator' }, text, sentAt: clock.now() });
  await answer(chatId, new AbortController().signal);
  for (const reply of await stores.outbox.answering(chatId, messageId)) console.log(reply.text);
}
