import type { IncomingMessage } from '../../../../src/domain/message/message.ts';
import type { TlObject } from '../../../fakes/telegram/tl/value.ts';
import { read } from './samples.ts';

export const received = async (update: TlObject, overrides: Parameters<typeof read>[1] = {}): Promise<IncomingMessage> => {
  const inbound = await read(update, overrides);
  if (inbound.kind === 'ignored') throw new Error(inbound.reason);
  return inbound.message;
};
export const reply = (id: number, fields: Partial<TlObject> = {}): TlObject => ({ _: 'messageReplyHeader', replyToMsgId: id, ...fields });
