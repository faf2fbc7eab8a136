import { rpcError } from '../rpc-error.ts';
import { flagOf, long, object, objects, type TlObject, text } from '../tl/value.ts';
import { basicGroupOf, channelOfInput, userOfInput } from '../world/access.ts';
import { post } from '../world/actions.ts';
import { container } from '../world/deliver.ts';
import type { Group, User, WorldState } from '../world/state.ts';
import type { UserCall, UserMethod } from './call.ts';

const nextId = (state: WorldState, kind: Group['kind']): number =>
  Math.max(
    kind === 'group' ? 1_000 : 1_600_000_000,
    ...[...state.groups.values()].filter((group) => group.kind === kind).map(({ id }) => id),
  ) + 1;

const usersIn = ({ request, service, me }: UserCall): readonly User[] =>
  objects(request, 'users').map((input) => userOfInput(service.world.state, me, input));

const make = ({ request, service, me }: UserCall, kind: Group['kind'], members: readonly User[]): Group => {
  const { world } = service;
  const group = { id: nextId(world.state, kind), title: text(request, 'title'), members: [me.id, ...members.map(({ id }) => id)] };
  const made = kind === 'group' ? world.addGroup(group) : world.addSupergroup(group);
  world.setMember(made.markedId, me.id, { role: 'creator' });
  return made;
};

const told = ({ service, me }: UserCall, group: Group): TlObject => container(service.world.state, me, [], { chats: [group] });

const invited = (call: UserCall, group: Group): TlObject => ({
  _: 'messages.invitedUsers',
  updates: told(call, group),
  missingInvitees: [],
});

/** Methods by which people create groups and invite others. */
export const GROUP_METHODS: Readonly<Record<string, UserMethod>> = {
  'messages.createChat': (call) => {
    if (call.me.isBot) throw rpcError('BOT_METHOD_INVALID');
    return invited(call, make(call, 'group', usersIn(call)));
  },
  'channels.createChannel': (call) => {
    if (call.me.isBot) throw rpcError('BOT_METHOD_INVALID');
    if (!flagOf(call.request, 'megagroup')) throw rpcError('CHANNELS_TOO_MUCH');
    const group = make(call, 'supergroup', []);
    if (flagOf(call.request, 'forum')) call.service.world.makeForum(group.markedId);
    return told(call, group);
  },
  'channels.inviteToChannel': (call) => {
    const { request, service, me } = call;
    const group = channelOfInput(service.world.state, me, object(request, 'channel'));
    const users = usersIn(call);
    for (const { id } of users) service.world.setMember(group.markedId, id);
    post(service.world.state, me, group, { text: '', action: { _: 'messageActionChatAddUser', users: users.map(({ id }) => BigInt(id)) } });
    return invited(call, group);
  },
  'messages.migrateChat': (call) => {
    const { request, service, me } = call;
    const { world } = service;
    const old = basicGroupOf(world.state, Number(long(request, 'chatId')));
    if (old.members.get(me.id)?.role !== 'creator') throw rpcError('CHAT_ADMIN_REQUIRED');
    const group = world.addSupergroup({ id: nextId(world.state, 'supergroup'), title: old.title, members: [...old.members.keys()] });
    post(world.state, me, old, { text: '', action: { _: 'messageActionChatMigrateTo', channelId: BigInt(group.id) } });
    for (const userId of old.members.keys()) world.setMember(old.markedId, userId, { canWrite: false });
    return told(call, group);
  },
};
