import { present } from '../../../../src/domain/shared/present.ts';
import { post } from './actions.ts';
import { postHeader } from './new-message.ts';
import { type Group, groupOf, type Member, type Message, makeLog, markedGroupId, messageIdFor, userOf, type WorldState } from './state.ts';

export interface NewGroup {
  /** The id as in Telegram's objects, without mark; that of a supergroup has at least ten digits. */
  readonly id: number;
  readonly title: string;
  readonly username?: string;
  /** The first member is the creator. */
  readonly members: readonly number[];
}

export const addGroup = (state: WorldState, kind: Group['kind'], { id, title, username, members }: NewGroup, broadcast?: true): Group => {
  /* Real ids have ten digits. Clients take the mark of a shorter one for that of a basic group. */
  if (kind === 'supergroup' && id < 1_000_000_000) throw new Error(`${id} is too small for the id of a supergroup`);
  const member = (userId: number, at: number): [number, Member] => [
    userOf(state, userId).id,
    { userId, role: at === 0 ? 'creator' : 'member', canWrite: broadcast === undefined || at === 0, since: state.now() },
  ];
  const group: Group = {
    kind,
    id,
    markedId: markedGroupId(kind, id),
    title,
    date: state.now(),
    members: new Map(members.map(member)),
    log: makeLog(),
    ...present({ username, broadcast }),
  };
  state.groups.set(group.markedId, group);
  return group;
};

/** See `World.migrate`. */
export const migrate = (
  state: WorldState,
  groupId: number,
  { id, refusedAs }: { readonly id: number; readonly refusedAs?: string },
): Group => {
  const old = groupOf(state, groupId);
  const [creator] = old.members.keys();
  if (old.kind !== 'group' || old.migratedTo || creator === undefined) throw new Error(`${groupId} can not become a supergroup`);
  const group = addGroup(state, 'supergroup', { id, title: old.title, members: [] });
  for (const [userId, member] of old.members) group.members.set(userId, { ...member, since: state.now() });
  const author = userOf(state, creator);
  post(state, author, old, { text: '', action: { _: 'messageActionChatMigrateTo', channelId: group.id } });
  Object.assign(old, { migratedTo: group, ...present({ refusedAs }) });
  post(state, author, group, { text: '', action: { _: 'messageActionChannelMigrateFrom', title: old.title, chatId: old.id } });
  return group;
};

/** Telegram forwards a new post at once to the group that discusses the channel. Comments reply to that copy. */
export const forwardToDiscussion = (state: WorldState, message: Message): void => {
  const { chat: channel, media } = message;
  if (channel.kind === 'dm' || !channel.broadcast) return;
  const author = userOf(state, message.from);
  for (const group of [...state.groups.values()].filter(({ discusses }) => discusses === channel.markedId)) {
    group.members.set(author.id, group.members.get(author.id) ?? { userId: author.id, role: 'member', canWrite: true, since: state.now() });
    post(state, author, group, {
      text: message.text,
      entities: message.entities,
      inNameOf: channel.markedId,
      forward: postHeader(channel, messageIdFor(state, message, author.id), message.date),
      forwardOf: message,
      ...present({ media }),
    });
  }
};
