import { rpcError } from '../rpc-error.ts';
import { int, object, objects, type TlObject, text } from '../tl/value.ts';
import { channelOfInput, userOfInput } from '../world/access.ts';
import { renderGroup, renderUser } from '../world/render.ts';
import { type Member, mailboxOf, type User, userOf } from '../world/state.ts';
import type { UserMethod } from './call.ts';

const ADMIN_RIGHTS: TlObject = { _: 'chatAdminRights', deleteMessages: true, banUsers: true };

const participant = ({ userId, role, since, canWrite }: Member, me: User): TlObject => {
  if (role === 'creator') return { _: 'channelParticipantCreator', userId, adminRights: ADMIN_RIGHTS };
  if (role === 'admin') return { _: 'channelParticipantAdmin', userId, promotedBy: userId, date: since, adminRights: ADMIN_RIGHTS };
  if (!canWrite)
    return {
      _: 'channelParticipantBanned',
      peer: { _: 'peerUser', userId },
      kickedBy: userId,
      date: since,
      bannedRights: { _: 'chatBannedRights', sendMessages: true, untilDate: 0x7fffffff },
    };
  return userId === me.id
    ? { _: 'channelParticipantSelf', userId, inviterId: userId, date: since }
    : { _: 'channelParticipant', userId, date: since };
};

export const CHANNEL_METHODS: Readonly<Record<string, UserMethod>> = {
  'channels.getChannels': ({ request, service, me }) => ({
    _: 'messages.chats',
    chats: objects(request, 'id').map((input) => renderGroup(channelOfInput(service.world.state, me, input), me)),
  }),
  'channels.getFullChannel': ({ request, service, me }) => {
    const group = channelOfInput(service.world.state, me, object(request, 'channel'));
    const fullChat = {
      _: 'channelFull',
      id: group.id,
      about: '',
      participantsCount: group.members.size,
      readInboxMaxId: 0,
      readOutboxMaxId: 0,
      unreadCount: 0,
      chatPhoto: { _: 'photoEmpty', id: 0 },
      notifySettings: { _: 'peerNotifySettings' },
      botInfo: [],
      pts: group.log.pts,
    };
    return { _: 'messages.chatFull', fullChat, chats: [renderGroup(group, me)], users: [] };
  },
  'channels.getParticipant': ({ request, service, me }) => {
    const group = channelOfInput(service.world.state, me, object(request, 'channel'));
    const user = userOfInput(service.world.state, me, object(request, 'participant'));
    const member = group.members.get(user.id);
    if (!member) throw rpcError('USER_NOT_PARTICIPANT');
    return {
      _: 'channels.channelParticipant',
      participant: participant(member, me),
      chats: [renderGroup(group, me)],
      users: [renderUser(user, me)],
    };
  },
  'channels.getParticipants': ({ request, service, me }) => {
    const { state } = service.world;
    const group = channelOfInput(state, me, object(request, 'channel'));
    const filter = object(request, 'filter');
    const wanted = filter._ === 'channelParticipantsSearch' ? text(filter, 'q').toLowerCase() : '';
    const found = [...group.members.values()].filter(({ userId, role }) => {
      const user = userOf(state, userId);
      if (filter._ === 'channelParticipantsAdmins') return role !== 'member';
      if (filter._ === 'channelParticipantsBots') return user.isBot;
      return `${user.firstName} ${user.username ?? ''}`.toLowerCase().includes(wanted);
    });
    const page = found.slice(int(request, 'offset'), int(request, 'offset') + (int(request, 'limit') || 200));
    for (const { userId } of page) mailboxOf(state, me.id).known.add(userId);
    return {
      _: 'channels.channelParticipants',
      count: found.length,
      participants: page.map((member) => participant(member, me)),
      chats: [renderGroup(group, me)],
      users: page.map(({ userId }) => renderUser(userOf(state, userId), me)),
    };
  },
};
