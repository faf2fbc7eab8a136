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

/** Conversations in a list, which begins with `entries`. */
const makeConversations = (entries: readonly kept.ConversationEntry[] = []) => {
  let list = entries;
  const store: kept.ConversationStore = {
    append: async (added) => {
      list = [...list, ...added.map(kept.entryFields)];
    },
    recent: async (chatId, limit) => (limit > 0 ? list.filter((entry) => entry.chatId === chatId).slice(-limit) : []),
    revise: async (chatId, messageId, text) => {
      list = list.map((entry) => (entry.chatId === chatId ? { ...entry, step: kept.revisedStep(entry.step, messageId, text) } : entry));
    },
    erase: async (chatId, messageIds) => {
      list = list.flatMap((entry) => {
        const step = entry.chatId === chatId ? kept.stepWithout(entry.step, messageIds) : entry.step;
        return step ? [{ ...entry, step }] : [];
      });
    },
    chatsAbout: async (messageIds) => [...new Set(list.filter(({ step }) => kept.isAbout(step, messageIds)).map(({ chatId }) => chatId))],
    forget: async (chatId) => {
      list = list.filter((entry) => entry.chatId !== chatId);
    },
  };
  /** A group that has become another chat: numbers of its messages do not count there. */
  const move = async ({ from, to }: kept.ChatMove): Promise<void> => {
    list = list.map((entry) => (entry.chatId === from ? { ...entry, chatId: to, step: kept.withoutNumbers(entry.step) } : entry));
  };
  return { store, move, all: () => list };
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
  const { store: conversations, move, all } = makeConversations();
  // A unit of work changes a copy. What it did is done again to the list itself when the unit commits, and else
  // forgotten.
  const begin = ({ chatMoves }: kept.Stores): kept.OwnUnit => {
    const { store: copy, move: moveCopy } = makeConversations(all());
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
      chatsAbout: copy.chatsAbout,
      append: (added) => change((store) => store.append(added)),
      revise: (...said) => change((store) => store.revise(...said)),
      erase: (...gone) => change((store) => store.erase(...gone)),
      forget: (chatId) => change((store) => store.forget(chatId)),
    };
    return {
      stores: { conversations: own, chatMoves: followed(chatMoves, moveBoth) },
      commit: async () => {
        for (const again of changes) await again();
      },
    };
  };
  return kept.withStores(memory, { conversations, chatMoves: followed(memory.stores.chatMoves, move) }, begin);
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
