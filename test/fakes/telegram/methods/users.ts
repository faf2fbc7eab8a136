import { rpcError } from '../rpc-error.ts';
import { object, objects, type TlObject, text } from '../tl/value.ts';
import { userOfInput } from '../world/access.ts';
import { peerOf, renderGroup, renderUser } from '../world/render.ts';
import { type Group, mailboxOf, type User, userOf } from '../world/state.ts';
import type { UserMethod } from './call.ts';

const fullUser = (user: User): TlObject => ({
  _: 'userFull',
  id: user.id,
  settings: { _: 'peerSettings' },
  notifySettings: { _: 'peerNotifySettings' },
  commonChatsCount: 0,
  ...(user.isBot ? { botInfo: { _: 'botInfo', userId: user.id, description: '' } } : {}),
});

const sameName = (one: string | undefined, other: string): boolean => one?.toLowerCase() === other.toLowerCase();

export const USER_METHODS: Readonly<Record<string, UserMethod>> = {
  'users.getUsers': ({ request, service, me }) =>
    objects(request, 'id').map((input) => {
      const user = userOfInput(service.world.state, me, input);
      mailboxOf(service.world.state, me.id).known.add(user.id);
      return renderUser(user, me);
    }),
  'users.getFullUser': ({ request, service, me }) => {
    const user = userOfInput(service.world.state, me, object(request, 'id'));
    return { _: 'users.userFull', fullUser: fullUser(user), chats: [], users: [renderUser(user, me)] };
  },
  'contacts.resolveUsername': ({ request, service, me }) => {
    const name = text(request, 'username');
    const { users, groups } = service.world.state;
    const user = [...users.values()].find(({ username }) => sameName(username, name));
    if (user) {
      mailboxOf(service.world.state, me.id).known.add(user.id);
      return { _: 'contacts.resolvedPeer', peer: { _: 'peerUser', userId: user.id }, chats: [], users: [renderUser(user, me)] };
    }
    const group = [...groups.values()].find((each: Group) => sameName(each.username, name));
    if (!group) throw rpcError('USERNAME_NOT_OCCUPIED');
    return { _: 'contacts.resolvedPeer', peer: peerOf(group, me.id), chats: [renderGroup(group, me)], users: [] };
  },
  // https://core.telegram.org/method/bots.getAccessSettings
  'bots.getAccessSettings': ({ request, service, me }) => {
    const bot = userOfInput(service.world.state, me, object(request, 'bot'));
    if (!bot.isBot) throw rpcError('BOT_INVALID');
    const addUsers = bot.accessList?.map((userId) => renderUser(userOf(service.world.state, userId), me));
    return { _: 'bots.accessSettings', restricted: addUsers !== undefined, addUsers };
  },
  'account.updateStatus': () => true,
};
