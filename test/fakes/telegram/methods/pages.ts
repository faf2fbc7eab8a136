import { int, type TlObject } from '../tl/value.ts';
import { renderMessage, renderPeers } from '../world/render.ts';
import { type Chat, type Message, messageIdFor, type User, type WorldState } from '../world/state.ts';
import type { UserCall } from './call.ts';

/** A list of messages, in the form that the kind of chat has. */
export const answer = (
  state: WorldState,
  me: User,
  chat: Chat | undefined,
  messages: readonly TlObject[],
  named: readonly Message[],
  count: number,
): TlObject => {
  const body = { messages, topics: [], ...renderPeers(state, chat ? [chat] : [], named, me) };
  if (chat?.kind === 'supergroup') return { _: 'messages.channelMessages', pts: chat.log.pts, count, ...body };
  return count > messages.length ? { _: 'messages.messagesSlice', count, ...body } : { _: 'messages.messages', ...body };
};

/** One page of these messages, newest first (https://core.telegram.org/api/offsets). */
export const page = ({ request, service, me }: UserCall, chat: Chat, messages: readonly Message[]): TlObject => {
  const { state } = service.world;
  const all = messages.map((message) => ({ message, id: messageIdFor(state, message, me.id) })).sort((a, b) => b.id - a.id);
  const [offsetId, addOffset, maxId, minId] = (['offsetId', 'addOffset', 'maxId', 'minId'] as const).map((field) => int(request, field));
  const offsetDate = request.offsetDate === undefined ? 0 : int(request, 'offsetDate');
  const from = offsetId
    ? all.findIndex((each) => each.id < offsetId)
    : offsetDate
      ? all.findIndex(({ message }) => message.date < offsetDate)
      : 0;
  const start = (from < 0 ? all.length : from) + (addOffset ?? 0);
  const found = all
    .slice(Math.max(0, start), Math.max(0, start + Math.min(int(request, 'limit') || 100, 100)))
    .filter((each) => (!maxId || each.id < maxId) && (!minId || each.id > minId))
    .map(({ message }) => message);
  const rendered = found.map((message) => renderMessage(state, message, me));
  return answer(state, me, chat, rendered, found, all.length);
};
