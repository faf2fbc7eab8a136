import { type AnyId, type ChatId, chatIdOf, type MessageId, messageIdOf, nativeId, type UserId, userIdOf } from '../domain/index.ts';

/** Ids of Telegram's, as tests name them: by number. A chat has its thread beside it where it is one. */
export const telegramChat = (room: number, thread?: number): ChatId => chatIdOf('telegram', room, thread);
export const telegramMessage = (number: number): MessageId => messageIdOf('telegram', number);
export const telegramUser = (number: number): UserId => userIdOf('telegram', number);

/** A message of a local chat. */
export const localMessage = (number: number): MessageId => messageIdOf('local', number);

/** The number that an id of such a platform holds. */
export const numberIn = (id: AnyId): number => Number(nativeId(id));
