import { chatOf, logOf, type Message, markedIdFor, type WorldState } from './state.ts';

/** The messages of a chat in this user's log, oldest first. */
export const historyOf = (state: WorldState, viewerId: number, markedId: number): readonly Message[] => {
  const log = logOf(state, chatOf(state, viewerId, markedId), viewerId);
  return [...log.messages.values()].filter(({ chat }) => markedIdFor(chat, viewerId) === markedId);
};
