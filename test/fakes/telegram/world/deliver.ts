import type { TlObject } from '../tl/value.ts';
import { peerOf, renderMessage, renderPeers, renderShort } from './render.ts';
import {
  type Chat,
  type Log,
  type LoggedEvent,
  logOf,
  type Message,
  mailboxOf,
  participants,
  sees,
  type User,
  userOf,
  type WorldState,
} from './state.ts';

export const push = (state: WorldState, viewer: User, updates: TlObject, origin?: object): void => {
  for (const listener of state.listeners) listener({ userId: viewer.id, updates, ...(origin ? { origin } : {}) });
};

/** A whole `updates` with the users and chats that it names. Its seq is 0, because its updates have their own order. */
export const container = (
  state: WorldState,
  viewer: User,
  updates: readonly TlObject[],
  named: { readonly chats?: readonly Chat[]; readonly messages?: readonly Message[] },
): TlObject => {
  const peers = renderPeers(state, named.chats ?? [], named.messages ?? [], viewer);
  for (const user of peers.users) mailboxOf(state, viewer.id).known.add(Number(user.id));
  return { _: 'updates', updates, ...peers, date: state.now(), seq: 0 };
};

/**
 * An update without pts is numbered by the seq of the account, so that a lost one is noticed with the next.
 */
export const numbered = (state: WorldState, viewer: User, update: TlObject): TlObject => ({
  ...container(state, viewer, [update], {}),
  seq: ++mailboxOf(state, viewer.id).seq,
});

export const short = (state: WorldState, update: TlObject): TlObject => ({ _: 'updateShort', update, date: state.now() });

const record = (
  state: WorldState,
  log: Log,
  count: number,
  event: Pick<LoggedEvent, 'message' | 'changes'> & { update(viewer: User, pts: number): TlObject },
): LoggedEvent => {
  log.pts += count;
  const { pts } = log;
  const logged = {
    pts,
    count,
    date: state.now(),
    ...(event.message ? { message: event.message } : {}),
    ...(event.changes ? { changes: event.changes } : {}),
    update: (viewer: User) => event.update(viewer, pts),
  };
  log.events.push(logged);
  return logged;
};

/** The logs that record an event of a chat, each with the users who are told of it. */
const logsOf = (state: WorldState, chat: Chat): readonly { readonly log: Log; readonly viewers: readonly User[] }[] => {
  const viewers = participants(chat).map((id) => userOf(state, id));
  if (chat.kind === 'supergroup') return [{ log: chat.log, viewers }];
  return viewers.map((viewer) => ({ log: mailboxOf(state, viewer.id), viewers: [viewer] }));
};

const isShort = ({ chat, media, markup, action, groupedId, text }: Message): boolean =>
  chat.kind !== 'supergroup' && !media && !markup && !action && groupedId === undefined && text !== '';

/* Telegram shortens an update only for users who know everybody in it. */
const knows = (state: WorldState, { chat, from, forward, entities }: Message, viewer: User): boolean => {
  const { known } = mailboxOf(state, viewer.id);
  return (
    !forward &&
    [from, ...(chat.kind === 'dm' ? chat.users : [])].every((id) => known.has(id)) &&
    entities.every(({ userId }) => userId === undefined)
  );
};

export const newMessageUpdate = (state: WorldState, message: Message, viewer: User, pts: number): TlObject => ({
  _: message.chat.kind === 'supergroup' ? 'updateNewChannelMessage' : 'updateNewMessage',
  message: renderMessage(state, message, viewer),
  pts,
  ptsCount: 1,
});

/** Gives the message its id in each log, and tells everybody except the session that sent it. */
export const deliver = (state: WorldState, message: Message, origin?: object): void => {
  const places = logsOf(state, message.chat).filter(
    ({ viewers }) => message.chat.kind === 'supergroup' || viewers.some((viewer) => sees(state, message, viewer)),
  );
  for (const { log } of places) {
    const id = log.nextMessageId++;
    message.ids.set(log, id);
    log.messages.set(id, message);
  }
  for (const { log, viewers } of places) {
    const event = record(state, log, 1, { message, update: (viewer, pts) => newMessageUpdate(state, message, viewer, pts) });
    for (const viewer of viewers.filter((each) => sees(state, message, each)))
      push(
        state,
        viewer,
        isShort(message) && knows(state, message, viewer)
          ? renderShort(state, message, viewer, { pts: event.pts, ptsCount: 1 })
          : container(state, viewer, [event.update(viewer)], { messages: [message] }),
        viewer.id === message.from ? origin : undefined,
      );
  }
};

/** The user who edits, and the session, which is told with the result of its call. */
interface Editor {
  readonly id: number;
  readonly origin?: object | undefined;
}

/**
 * Records the change in each log that has the message, and tells everybody who sees it; `more` is sent along with it.
 * Returns the updates for the editor's own session, which are none where `isTold` excludes the editor.
 */
export const deliverEdit = (
  state: WorldState,
  message: Message,
  editor: Editor,
  {
    isTold = () => true,
    more = () => [],
  }: { readonly isTold?: (viewer: User) => boolean; readonly more?: (viewer: User) => readonly TlObject[] } = {},
): readonly TlObject[] => {
  const channel = message.chat.kind === 'supergroup';
  let own: readonly TlObject[] = [];
  for (const { log, viewers } of logsOf(state, message.chat)) {
    const told = viewers.filter((viewer) => isTold(viewer) && sees(state, message, viewer));
    if (!message.ids.has(log) || (!channel && told.length === 0)) continue;
    const event = record(state, log, 1, {
      changes: message,
      update: (viewer, pts) => ({
        _: channel ? 'updateEditChannelMessage' : 'updateEditMessage',
        message: renderMessage(state, message, viewer),
        pts,
        ptsCount: 1,
      }),
    });
    for (const viewer of told) {
      const updates = [event.update(viewer), ...more(viewer)];
      if (viewer.id === editor.id) own = updates;
      const origin = viewer.id === editor.id ? editor.origin : undefined;
      push(state, viewer, container(state, viewer, updates, { messages: [message] }), origin);
    }
  }
  return own;
};

/** Adds the preview of a page: an event of its own, which names neither message nor chat. */
export const deliverPreview = (state: WorldState, message: Message): void => {
  const { chat } = message;
  const webpage = { _: 'webPageEmpty', id: 1n };
  for (const { log, viewers } of logsOf(state, chat)) {
    if (!message.ids.has(log)) continue;
    const event = record(state, log, 1, {
      changes: message,
      update: (_, pts) =>
        chat.kind === 'supergroup'
          ? { _: 'updateChannelWebPage', channelId: chat.id, webpage, pts, ptsCount: 1 }
          : { _: 'updateWebPage', webpage, pts, ptsCount: 1 },
    });
    for (const viewer of viewers.filter((each) => sees(state, message, each)))
      push(state, viewer, container(state, viewer, [event.update(viewer)], { chats: [chat] }));
  }
};

/**
 * Pins the message: an event of its own, which names the message without its content. Returns the updates for the own
 * session of who pins it.
 */
export const deliverPin = (state: WorldState, message: Message, actor?: Editor): readonly TlObject[] => {
  const { chat } = message;
  let own: readonly TlObject[] = [];
  message.isPinned = true;
  for (const { log, viewers } of logsOf(state, chat)) {
    const id = message.ids.get(log);
    if (id === undefined) continue;
    const event = record(state, log, 1, {
      changes: message,
      update: (viewer, pts) => {
        const common = { pinned: true, messages: [id], pts, ptsCount: 1 };
        return chat.kind === 'supergroup'
          ? { _: 'updatePinnedChannelMessages', channelId: chat.id, ...common }
          : { _: 'updatePinnedMessages', peer: peerOf(chat, viewer.id), ...common };
      },
    });
    for (const viewer of viewers.filter((each) => sees(state, message, each))) {
      const updates = [event.update(viewer)];
      if (viewer.id === actor?.id) own = updates;
      push(state, viewer, container(state, viewer, updates, { chats: [chat] }), viewer.id === actor?.id ? actor?.origin : undefined);
    }
  }
  return own;
};

/** Deletes the messages for everybody, as `revoke` does. Returns the new pts of `actor` and its change. */
export const deliverDeletion = (state: WorldState, messages: readonly Message[], actor: User): { pts: number; ptsCount: number } => {
  const [first] = messages;
  if (!first) return { pts: mailboxOf(state, actor.id).pts, ptsCount: 0 };
  for (const message of messages) message.deleted = true;
  const own = logOf(state, first.chat, actor.id);
  for (const { log, viewers } of logsOf(state, first.chat)) {
    const ids = messages.flatMap((message) => message.ids.get(log) ?? []);
    for (const id of ids) {
      const message = log.messages.get(id);
      if (message) log.deleted.set(id, message);
      log.messages.delete(id);
    }
    if (ids.length === 0) continue;
    const { chat } = first;
    const event = record(state, log, ids.length, {
      update: (_, pts) =>
        chat.kind === 'supergroup'
          ? { _: 'updateDeleteChannelMessages', channelId: chat.id, messages: ids, pts, ptsCount: ids.length }
          : { _: 'updateDeleteMessages', messages: ids, pts, ptsCount: ids.length },
    });
    for (const viewer of viewers)
      if (viewer.id !== actor.id) push(state, viewer, container(state, viewer, [event.update(viewer)], { chats: [chat] }));
  }
  return { pts: own.pts, ptsCount: messages.length };
};

/** Marks a chat as read up to that id. In a direct chat, both users are told. */
export const deliverRead = (
  state: WorldState,
  chat: Chat,
  reader: User,
  maxId: number,
  origin?: object,
): { pts: number; ptsCount: number } => {
  const mailbox = mailboxOf(state, reader.id);
  const event = record(state, mailbox, 1, {
    update: (viewer, pts) => ({ _: 'updateReadHistoryInbox', peer: peerOf(chat, viewer.id), maxId, stillUnreadCount: 0, pts, ptsCount: 1 }),
  });
  push(state, reader, container(state, reader, [event.update(reader)], { chats: [chat] }), origin);
  if (chat.kind === 'dm') {
    const other = userOf(state, chat.users[0] === reader.id ? chat.users[1] : chat.users[0]);
    const last = [...mailbox.messages].findLast(
      ([id, message]) => id <= maxId && message.from === other.id && message.chat.kind === 'dm',
    )?.[1];
    const theirs = last?.ids.get(mailboxOf(state, other.id));
    if (other.id !== reader.id && theirs !== undefined) {
      const seen = record(state, mailboxOf(state, other.id), 1, {
        update: (viewer, pts) => ({ _: 'updateReadHistoryOutbox', peer: peerOf(chat, viewer.id), maxId: theirs, pts, ptsCount: 1 }),
      });
      push(state, other, container(state, other, [seen.update(other)], { chats: [chat] }));
    }
  }
  return { pts: event.pts, ptsCount: 1 };
};
