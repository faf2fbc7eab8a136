import { SELF_PING_CHAT } from '../../domain/chat/ids.ts';
import { present } from '../../domain/shared/present.ts';
import { type AccessPolicy, workspaceOf } from '../../domain/workspace/policy.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import type { OutboxStore } from '../../ports/storage/outbox-store.ts';
import type { PromiseQueries } from '../../ports/storage/promise-queries.ts';
import type { ConversationItem, ListChats, ListedChat, ReadConversation } from '../../ports/use-cases/desk.ts';

/** Of more chats than these, the first ones by their ids are looked at. */
const MAX_CHATS = 5_000;

type Placed = Pick<ListedChat, 'lastAt'> & { readonly chat: Pick<ListedChat['chat'], 'id'> };
const latestFirst = (a: Placed, b: Placed): number => b.lastAt - a.lastAt || (a.chat.id < b.chat.id ? -1 : Number(a.chat.id > b.chat.id));

export const makeListChats =
  ({
    messages,
    promises,
    policy,
  }: {
    readonly messages: Pick<MessageStore, 'chats'>;
    readonly promises: Pick<PromiseQueries, 'openByChat'>;
    readonly policy: Pick<AccessPolicy, 'workspaces'>;
  }): ListChats =>
  async ({ text = '', behind, limit }) => {
    const [known, open] = await Promise.all([messages.chats(MAX_CHATS), promises.openByChat()]);
    const wanted = text.trim().toLowerCase();
    const chats = known
      // Nobody talks there.
      .filter(({ last }) => last.message.chat.id !== SELF_PING_CHAT)
      .map(({ last, repliedAt }): ListedChat => {
        const { chat } = last.message;
        const workspace = workspaceOf(policy, chat.id)?.name;
        const lastAt = Math.max(last.receivedAt, repliedAt ?? 0);
        return { chat, last, lastAt, openPromises: open.get(chat.id) ?? 0, ...present({ workspace }) };
      })
      .filter(({ chat, workspace }) => [chat.id, chat.title, workspace].some((name) => name?.toLowerCase().includes(wanted)))
      .sort(latestFirst);
    const shown = behind ? chats.filter((one) => latestFirst({ lastAt: behind.lastAt, chat: { id: behind.chatId } }, one) < 0) : chats;
    return { chats: shown.slice(0, limit), total: chats.length, isCut: known.length === MAX_CHATS };
  };

export const makeReadConversation =
  ({
    messages,
    outbox,
  }: {
    readonly messages: Pick<MessageStore, 'newest'>;
    readonly outbox: Pick<OutboxStore, 'newest'>;
  }): ReadConversation =>
  async ({ chatId, beforeMessage, beforeReply, limit }) => {
    const [received, sent] = await Promise.all([
      messages.newest({ chatId, limit, ...present({ before: beforeMessage && { chatId, messageId: beforeMessage } }) }),
      outbox.newest({ chatId, limit, ...present({ before: beforeReply }) }),
    ]);
    // Both are newest first, each by its own order: what comes next is the later one of their heads.
    const entries: ConversationItem[] = [];
    let [message, reply] = [0, 0];
    while (entries.length < limit) {
      const [came, went] = [received[message], sent[reply]];
      if (came && (!went || came.receivedAt > went.createdAt)) {
        entries.push({ kind: 'message', at: came.receivedAt, message: came });
        message++;
      } else if (went) {
        entries.push({ kind: 'reply', at: went.createdAt, reply: went });
        reply++;
      } else break;
    }
    const earlier = present({
      beforeMessage: received[message - 1]?.message.messageId ?? beforeMessage,
      beforeReply: sent[reply - 1]?.id ?? beforeReply,
    });
    return { entries: entries.toReversed(), ...(entries.length === limit ? { earlier } : {}) };
  };
