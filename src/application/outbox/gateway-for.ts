import { type ChatId, gatewayOf } from '../../domain/chat/ids.ts';
import type { ChatGateway } from '../../ports/chat-gateway.ts';

/** The gateway that a chat belongs to; undefined where this process does not have it. */
export const gatewayFor = (gateways: readonly ChatGateway[], chatId: ChatId): ChatGateway | undefined =>
  gateways.find(({ name }) => name === gatewayOf(chatId));
