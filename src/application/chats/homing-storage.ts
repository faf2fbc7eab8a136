import { digestOf } from '../../domain/approval/digest.ts';
import type { ChatId } from '../../domain/chat/ids.ts';
import { withoutNumbers } from '../../domain/conversation/conversation.ts';
import type { OutboxDraft } from '../../domain/outbox/outbox.ts';
import type { Storage } from '../../ports/storage/storage.ts';
import type { Stores } from '../../ports/storage/unit-of-work.ts';

/** Stores that replace the old id of a moved chat by its new id. Received messages keep the id that they came with. */
const homing = (stores: Stores, canMove: (chatId: ChatId) => boolean): Stores => {
  const { conversations, summaries, turns, journal, outbox, promises, approvals, schedules, facts, links, chatMoves, ledger } = stores;
  const home = async (chatId: ChatId): Promise<ChatId> => (canMove(chatId) ? chatMoves.home(chatId) : chatId);

  /** Message ids are valid only in the chat that they came from. */
  const atHome = async <Item extends { readonly chatId: ChatId; readonly messageId?: unknown }>(item: Item): Promise<Item> => {
    const chatId = await home(item.chatId);
    if (chatId === item.chatId) return item;
    const { messageId: _, ...rest } = item;
    return { ...rest, chatId } as Item;
  };
  const draftAtHome = async (draft: OutboxDraft): Promise<OutboxDraft> => {
    const chatId = await home(draft.chatId);
    if (chatId === draft.chatId) return draft;
    const { replyTo: _, ...rest } = draft;
    return { ...rest, chatId, answers: [] };
  };
  const filterAtHome = async <Filter extends { readonly chatId?: ChatId }>(filter: Filter): Promise<Filter> =>
    filter.chatId === undefined ? filter : { ...filter, chatId: await home(filter.chatId) };
  const each = async <Item>(items: readonly Item[], change: (item: Item) => Promise<Item>): Promise<readonly Item[]> => {
    const changed: Item[] = [];
    for (const item of items) changed.push(await change(item));
    return changed;
  };

  return {
    ...stores,
    conversations: {
      ...conversations,
      append: async (entries) =>
        conversations.append(
          await each(entries, async (entry) => {
            const chatId = await home(entry.chatId);
            return chatId === entry.chatId ? entry : { ...entry, chatId, step: withoutNumbers(entry.step) };
          }),
        ),
      recent: async (chatId, limit) => conversations.recent(await home(chatId), limit),
      after: async (chatId, place, limit) => conversations.after(await home(chatId), place, limit),
      search: async (chatId, query, limit) => conversations.search(await home(chatId), query, limit),
      forget: async (chatId) => conversations.forget(await home(chatId)),
    },
    summaries: {
      get: async (chatId) => summaries.get(await home(chatId)),
      put: async (summary, over) => summaries.put({ ...summary, chatId: await home(summary.chatId) }, over),
    },
    turns: {
      ...turns,
      add: async (turn) => turns.add({ ...turn, chatId: await home(turn.chatId) }),
      usage: async (chatId, since) => turns.usage(await home(chatId), since),
    },
    journal: {
      ...journal,
      append: async (entries) =>
        journal.append(entries.from > 0 ? entries : { ...entries, run: { ...entries.run, chatId: await home(entries.run.chatId) } }),
      openTurn: async (chatId) => journal.openTurn(await home(chatId)),
    },
    outbox: {
      ...outbox,
      add: async (draft) => outbox.add(await draftAtHome(draft)),
      addMany: async (drafts) => outbox.addMany(await each(drafts, draftAtHome)),
      hasPending: async (chatId) => outbox.hasPending(await home(chatId)),
    },
    promises: {
      ...promises,
      add: async (added) => promises.add(await each(added, atHome)),
      find: async (filter) => promises.find(filter.messageId === undefined ? await filterAtHome(filter) : filter),
      countOpen: async (chatId) => promises.countOpen(await home(chatId)),
      findByKey: async (chatId, key) => promises.findByKey(await home(chatId), key),
      lostOutcomes: async (chatId, limit) => promises.lostOutcomes(await home(chatId), limit),
    },
    approvals: {
      ...approvals,
      add: async (added) =>
        approvals.add(
          await each(added, async (approval) => {
            const chatId = await home(approval.call.chatId);
            if (chatId === approval.call.chatId) return approval;
            const { messageId: _, ...rest } = approval;
            const call = { ...approval.call, chatId };
            return { ...rest, call, digest: digestOf(call) };
          }),
        ),
      list: async (filter) => approvals.list(await filterAtHome(filter)),
      countAsked: async (chatId) => approvals.countAsked(await home(chatId)),
      addStanding: async (standing) => approvals.addStanding({ ...standing, chatId: await home(standing.chatId) }),
      listStanding: async (filter) => approvals.listStanding(await filterAtHome(filter)),
      standingFor: async (call, at) => approvals.standingFor({ ...call, chatId: await home(call.chatId) }, at),
    },
    schedules: {
      ...schedules,
      add: async (added) => schedules.add(await each(added, atHome)),
      find: async (filter) => schedules.find(await filterAtHome(filter)),
    },
    ledger: {
      ...ledger,
      add: async (entries) => ledger.add(await each(entries, async (entry) => ({ ...entry, chatId: await home(entry.chatId) }))),
      total: async (query) => ledger.total(await filterAtHome(query)),
      usage: async (query) => ledger.usage(await filterAtHome(query)),
    },
    facts: { ...facts, add: async (added) => facts.add(await each(added, atHome)) },
    links: { ...links, save: async (saved) => links.save(await each(saved, atHome)) },
  };
};

const made = new WeakSet<Storage>();

/**
 * The storage with `homing` stores; a storage that has them is returned as it is. Only chats that `canMove` accepts are
 * looked up.
 */
export const homingStorage = (storage: Storage, canMove: (chatId: ChatId) => boolean = () => true): Storage => {
  // `checkParts` reports what is not a storage.
  if (!storage?.unitOfWork || made.has(storage)) return storage;
  const { stores, unitOfWork } = storage;
  const wrapped: Storage = {
    ...storage,
    stores: homing(stores, canMove),
    unitOfWork: { run: (work) => unitOfWork.run((unit) => work(homing(unit, canMove))) },
  };
  made.add(wrapped);
  return wrapped;
};
