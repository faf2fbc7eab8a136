import { returnBigInt } from 'telegram/Helpers.js';
import { Api } from 'telegram/tl/index.js';
import type { ChatId, UserId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { isPortError } from '../../../ports/index.ts';
import { portErrorOf } from './errors.ts';
import { isChannelId, markedIdOf, telegramUserId } from './ids.ts';
import type { Call } from './link.ts';
import type { Peers } from './peers.ts';
import type { TelegramSelf } from './settings.ts';
import type { GroupRights, TelegramRights } from './telegram-rights.ts';

/** More than that are not asked about: each is a call. */
const MAX_GROUPS = 20;

/** Asks Telegram what the account may do in these groups, and who may write to it. Rejects with PortError. */
export const readRights = async (
  {
    call,
    peers,
    self,
    home,
  }: { readonly call: Call; readonly peers: Peers; readonly self: () => TelegramSelf | undefined; readonly home: (id: ChatId) => ChatId },
  groups: readonly ChatId[],
): Promise<TelegramRights> => {
  const restrictedTo = self()?.isBot ? await accessListOf(call) : undefined;
  const found: GroupRights[] = [];
  // One after the other: Telegram counts calls.
  for (const chatId of groups.slice(0, MAX_GROUPS)) found.push({ chatId, ...(await rightsIn(call, peers, home(chatId))) });
  const me = self();
  return { isBot: me?.isBot === true, privacyMode: me?.privacyMode === true, groups: found, ...present({ restrictedTo }) };
};

type Rights = Omit<GroupRights, 'chatId'>;

const rightsIn = async (call: Call, peers: Peers, chatId: ChatId): Promise<Rights> => {
  const id = markedIdOf(chatId);
  try {
    const { chats } = isChannelId(id)
      ? await call(new Api.channels.GetChannels({ id: [peers.inputChannel(id)] }))
      : await call(new Api.messages.GetChats({ id: [returnBigInt(-id)] }));
    return rightsOf(chats[0]);
  } catch (error) {
    const failure = portErrorOf(error);
    if (NOT_THERE.test(failure.message)) return { state: 'absent' };
    if (isPortError(failure) && failure.code === 'unavailable') throw failure;
    return { state: 'unknown', reason: failure.message };
  }
};

/** What Telegram says of a group that the account is not in (https://core.telegram.org/method/channels.getChannels). */
const NOT_THERE = /CHANNEL_PRIVATE|CHANNEL_INVALID|CHAT_ID_INVALID|PEER_ID_INVALID|CHAT_FORBIDDEN/;

const rightsOf = (chat: Api.TypeChat | undefined): Rights => {
  if (!(chat instanceof Api.Chat || chat instanceof Api.Channel)) return { state: 'absent' };
  const { title } = chat;
  if (chat.left || (chat instanceof Api.Chat && chat.deactivated)) return { state: 'absent', title };
  if (chat.creator || chat.adminRights) return { state: 'admin', title };
  const own = chat instanceof Api.Channel ? chat.bannedRights : undefined;
  return { state: own?.sendMessages || chat.defaultBannedRights?.sendMessages ? 'mute' : 'member', title };
};

/**
 * Those who may write to the bot, beside its owner, where Telegram was told to let in nobody else. Undefined where it
 * was not, and where Telegram does not say: older servers know no such list.
 */
const accessListOf = async (call: Call): Promise<readonly UserId[] | undefined> => {
  try {
    const { restricted, addUsers } = await call(new Api.bots.GetAccessSettings({ bot: new Api.InputUserSelf() }));
    return restricted ? (addUsers ?? []).map(({ id }) => telegramUserId(Number(id))) : undefined;
  } catch (error) {
    const failure = portErrorOf(error);
    if (failure.code === 'unavailable') throw failure;
    return undefined;
  }
};
