// Your own model and your own store in the place of ours; the store is held to the same contracts as ours.
// Prints: operator: Two tickets, please
// Prints: agent: I remember 0 steps.
// Prints: The store keeps every contract.
import * as kept from 'kept';
import { makeLocalChat } from 'kept/adapters/local-chat';
import { makeMemoryStorage } from 'kept/adapters/memory';
import { systemClock as clock, systemRandomness as randomness } from 'kept/adapters/system';
import { storageContracts } from 'kept/testing';

const reply = { toolCalls: [], stop: 'end', usage: kept.NO_USAGE, model: 'echo' } as const;
const respond: kept.LanguageModel['respond'] = async ({ conversation }) => {
  // Kept tells the time in a note of its own.
  const said = conversation.filter((step) => step.role !== 'person' || !step.note);
  return { ...reply, text: `I remember ${said.length - 1} steps.` };
};
const model: kept.LanguageModel = { name: 'mine/echo', respond };

interface State {
  readonly list: readonly kept.PlacedEntry[];
  readonly summaries: readonly kept.Summary[];
  /** The place behind which a forgotten conversation begins: what is before it is found, and not shown. */
  readonly begins: ReadonlyMap<kept.ChatId, number>;
}

/** Conversations in a list, with their summaries; both begin with what `state` holds. */
const makeConversations = (state: State = { list: [], summaries: [], begins: new Map() }) => {
  let { list, summaries, begins } = state;
  const without = (chatId: kept.ChatId) => summaries.filter((summary) => summary.chatId !== chatId);
  const newest = (chatId: kept.ChatId, place: number, limit: number) =>
    limit > 0
      ? list.filter((one) => one.entry.chatId === chatId && one.place > Math.max(place, begins.get(chatId) ?? 0)).slice(-limit)
      : [];
  /** What is changed here is in no summary any more. */
  const change = (chatId: kept.ChatId, to: (step: kept.ConversationStep) => kept.ConversationStep | undefined) => {
    list = list.flatMap(({ place, entry }) => {
      const step = entry.chatId === chatId ? to(entry.step) : entry.step;
      if (step !== entry.step && summaries.some((one) => one.chatId === chatId && one.upTo >= place)) summaries = without(chatId);
      return step ? [{ place, entry: { ...entry, step } }] : [];
    });
  };
  const store: kept.ConversationStore = {
    append: async (added) => {
      const place = list.at(-1)?.place ?? 0;
      list = [...list, ...added.map((entry, at) => ({ place: place + at + 1, entry: kept.entryFields(entry) }))];
    },
    recent: async (chatId, limit) => newest(chatId, 0, limit).map(({ entry }) => entry),
    after: async (chatId, place, limit) => newest(chatId, place, limit),
    search: async (chatId, query, limit) =>
      list
        .map(({ entry }) => entry)
        .filter((entry) => entry.chatId === chatId && kept.isFound(kept.wordsOf(kept.saidIn(entry.step)), query))
        .reverse()
        .slice(0, limit),
    revise: async (chatId, messageId, text) =>
      change(chatId, (step) => (kept.isAbout(step, [messageId]) ? kept.revisedStep(step, messageId, text) : step)),
    erase: async (chatId, messageIds) => change(chatId, (step) => kept.stepWithout(step, messageIds)),
    chatsAbout: async (messageIds) => [
      ...new Set(list.filter(({ entry }) => kept.isAbout(entry.step, messageIds)).map(({ entry }) => entry.chatId)),
    ],
    forget: async (chatId) => {
      begins = new Map(begins).set(chatId, list.at(-1)?.place ?? 0);
      summaries = without(chatId);
    },
  };
  const summaryStore: kept.SummaryStore = {
    get: async (chatId) => summaries.find((summary) => summary.chatId === chatId),
    put: async (summary, over) => {
      const now = summaries.find(({ chatId }) => chatId === summary.chatId);
      if (!kept.isSameSummary(now, over)) return false;
      summaries = [...without(summary.chatId), kept.summaryFields(summary)];
      return true;
    },
  };
  /** A group that has become another chat: numbers of its messages do not count there. */
  const move = async ({ from, to }: kept.ChatMove): Promise<void> => {
    list = list.map(({ place, entry }) => ({
      place,
      entry: entry.chatId === from ? { ...entry, chatId: to, step: kept.withoutNumbers(entry.step) } : entry,
    }));
    summaries = summaries.filter(({ chatId }) => chatId !== from && chatId !== to);
    begins = new Map(begins).set(to, Math.max(begins.get(from) ?? 0, begins.get(to) ?? 0));
  };
  return { store, summaries: summaryStore, move, all: (): State => ({ list, summaries, begins }) };
};

/** Moves of chats that your conversations follow. */
const followed = (chatMoves: kept.ChatMoves, move: (move: kept.ChatMove) => Promise<void>): kept.ChatMoves => ({
  ...chatMoves,
  add: async (added) => {
    const isNew = await chatMoves.add(added);
    if (isNew) await move(added);
    return isNew;
  },
});

const makeStorage = () => {
  const memory = makeMemoryStorage();
  const { store: conversations, summaries, move, all } = makeConversations();
  // A unit of work changes a copy. What it did is done again to the list itself when the unit commits, and else
  // forgotten.
  const begin = ({ chatMoves }: kept.Stores): kept.OwnUnit => {
    const { store: copy, summaries: summariesCopy, move: moveCopy } = makeConversations(all());
    const changes: (() => Promise<void>)[] = [];
    const change = (act: (store: kept.ConversationStore) => Promise<void>) => {
      changes.push(() => act(conversations));
      return act(copy);
    };
    const moveBoth = (moved: kept.ChatMove) => {
      changes.push(() => move(moved));
      return moveCopy(moved);
    };
    const own: kept.ConversationStore = {
      recent: copy.recent,
      after: copy.after,
      search: copy.search,
      chatsAbout: copy.chatsAbout,
      append: (added) => change((store) => store.append(added)),
      revise: (...said) => change((store) => store.revise(...said)),
      erase: (...gone) => change((store) => store.erase(...gone)),
      forget: (chatId) => change((store) => store.forget(chatId)),
    };
    const put: kept.SummaryStore['put'] = (summary, over) => {
      changes.push(async () => void (await summaries.put(summary, over)));
      return summariesCopy.put(summary, over);
    };
    return {
      stores: { conversations: own, summaries: { get: summariesCopy.get, put }, chatMoves: followed(chatMoves, moveBoth) },
      commit: async () => {
        for (const again of changes) await again();
      },
    };
  };
  return kept.withStores(memory, { conversations, summaries, chatMoves: followed(memory.stores.chatMoves, move) }, begin);
};

const storage = makeStorage();
const chat = makeLocalChat({ ...storage, clock, randomness });
const policy = kept.operatorOnly(process.cwd());
const agent = kept.makeKept({ ...storage, storage, model, gateways: [chat], clock, randomness, policy });
await agent.start();
await chat.post(kept.DEFAULT_LOCAL_CHAT, 'Two tickets, please');
await new Promise<void>((shown) => chat.subscribe(kept.DEFAULT_LOCAL_CHAT, ({ type }) => (type === 'message' ? shown() : undefined), 1));
for (const { from, text } of await chat.list(kept.DEFAULT_LOCAL_CHAT, 0, 10)) console.log(`${from}: ${text}`);
await agent.stop();

for (const contract of Object.values(storageContracts)) for (const check of Object.values(contract)) await check(makeStorage());
console.log('The store keeps every contract.');
