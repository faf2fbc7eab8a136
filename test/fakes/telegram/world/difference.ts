import { rpcError } from '../rpc-error.ts';
import type { TlObject } from '../tl/value.ts';
import { messageIdUpdate, renderMessage, renderPeers } from './render.ts';
import {
  type Group,
  type Log,
  type LoggedEvent,
  type Message,
  mailboxOf,
  participants,
  sees,
  type User,
  type WorldState,
} from './state.ts';

/** How differences are cut, and when they are too long. */
export interface DifferenceRules {
  /** The number of events in one `updates.getDifference`; more events come as slices. */
  limit: number;
  /** The number of events in one `updates.getChannelDifference`, beside the limit of the client and Telegram's own. */
  channelLimit: number;
  /** Whether every difference of an account is too long. */
  tooLong: boolean;
  channelTooLong: boolean;
  /**
   * When a group is too far behind: when Telegram no longer keeps the events (`age`, documented today), or when they
   * need more than one difference (`limit`, documented before 2025).
   */
  channelTooLongBy: 'age' | 'limit';
  /** Whether both kinds of difference name the messages that the viewer's own sends became. */
  namesSent: boolean;
  /** Whether a pts beyond the end of a stream gets an empty difference instead of an error. */
  aheadIsEmpty: boolean;
  /** Whether the difference of an account brings new events of supergroups, and not only the groups that have some. */
  channelsToo: boolean;
}

export const stateOf = (state: WorldState, viewer: User): TlObject => {
  const { pts, qts, seq } = mailboxOf(state, viewer.id);
  return { _: 'updates.state', pts, qts, date: state.now(), seq, unreadCount: 0 };
};

const since = (log: Log, pts: number, { aheadIsEmpty }: DifferenceRules): readonly LoggedEvent[] => {
  if (pts < 1) throw rpcError('PERSISTENT_TIMESTAMP_EMPTY');
  if (pts > log.pts && !aheadIsEmpty) throw rpcError('PERSISTENT_TIMESTAMP_INVALID');
  return log.events.slice(firstAfter(log.events, pts));
};

/* Events are in order: the search starts at the end, because logs are long. */
const firstAfter = (events: readonly LoggedEvent[], pts: number): number => {
  let at = events.length;
  while (at > 0 && (events[at - 1]?.pts ?? 0) > pts) at--;
  return at;
};

/** Differences leave out messages that are deleted, or hidden from the viewer. */
const isFor = (state: WorldState, message: Message | undefined, viewer: User): boolean =>
  !message || (!message.deleted && sees(state, message, viewer));

/** New messages stand apart from other updates. Messages deleted since are in neither list. */
const split = (state: WorldState, events: readonly LoggedEvent[], viewer: User, { namesSent }: DifferenceRules) => {
  const messages = events.flatMap(({ message }) => (message && isFor(state, message, viewer) ? [message] : []));
  const sent = messages.filter(({ from, randomId }) => namesSent && from === viewer.id && randomId !== undefined);
  return {
    messages,
    rendered: messages.map((message) => renderMessage(state, message, viewer)),
    others: [
      ...sent.map((message) => messageIdUpdate(state, message, viewer)),
      ...events.filter(({ message, changes }) => !message && isFor(state, changes, viewer)).map((event) => event.update(viewer)),
    ],
  };
};

/** Supergroups with events since then. The client asks for each of their differences. */
const channelsSince = (state: WorldState, viewer: User, date: number): readonly Group[] =>
  [...state.groups.values()].filter(
    (group) => group.kind === 'supergroup' && participants(group).includes(viewer.id) && (group.log.events.at(-1)?.date ?? 0) >= date,
  );

export const difference = (
  state: WorldState,
  viewer: User,
  known: { readonly pts: number; readonly qts: number; readonly date: number; readonly limit: number },
  rules: DifferenceRules,
): TlObject => {
  const mailbox = mailboxOf(state, viewer.id);
  const all = since(mailbox, known.pts, rules);
  const secret = mailbox.qtsEvents.filter(({ qts }) => qts > known.qts).map(({ update }) => update);
  const moved = channelsSince(state, viewer, known.date);
  if (all.length === 0 && secret.length === 0 && moved.length === 0)
    return { _: 'updates.differenceEmpty', date: state.now(), seq: mailbox.seq };
  if (rules.tooLong) return { _: 'updates.differenceTooLong', pts: mailbox.pts };
  const events = all.slice(0, Math.min(rules.limit, known.limit));
  const { messages, rendered, others } = split(state, events, viewer, rules);
  const whole = events.length === all.length;
  const channels = rules.channelsToo
    ? moved.flatMap(({ log }) =>
        log.events
          .filter(({ date, message, changes }) => date >= known.date && isFor(state, message ?? changes, viewer))
          .map((event) => event.update(viewer)),
      )
    : moved.map((group) => ({ _: 'updateChannelTooLong', channelId: group.id, pts: group.log.pts }));
  const body = {
    newMessages: rendered,
    newEncryptedMessages: [],
    // Part of the first slice, because the client asks with a later date next.
    otherUpdates: [...others, ...(whole ? secret : []), ...channels],
    ...renderPeers(state, moved, messages, viewer),
  };
  return whole
    ? { _: 'updates.difference', ...body, state: stateOf(state, viewer) }
    : {
        _: 'updates.differenceSlice',
        ...body,
        intermediateState: {
          ...stateOf(state, viewer),
          pts: events.at(-1)?.pts ?? known.pts,
          qts: known.qts,
          date: events.at(-1)?.date ?? known.date,
        },
      };
};

const dialogOf = (group: Group): TlObject => ({
  _: 'dialog',
  peer: { _: 'peerChannel', channelId: group.id },
  topMessage: group.log.nextMessageId - 1,
  readInboxMaxId: 0,
  readOutboxMaxId: 0,
  unreadCount: 0,
  unreadMentionsCount: 0,
  unreadReactionsCount: 0,
  unreadPollVotesCount: 0,
  notifySettings: { _: 'peerNotifySettings' },
  pts: group.log.pts,
});

const NEWEST = 20;
/** The number of events of a group that are kept. */
const KEPT = 100_000;
/** The largest limit for bots and people (https://core.telegram.org/method/updates.getChannelDifference). */
const mostFor = (viewer: User): number => (viewer.isBot ? 100_000 : 100);

const channelTooLong = (state: WorldState, viewer: User, group: Group): TlObject => {
  const newest: readonly Message[] = [...group.log.messages.values()]
    .filter((message) => isFor(state, message, viewer))
    .slice(-NEWEST)
    .reverse();
  return {
    _: 'updates.channelDifferenceTooLong',
    final: true,
    timeout: 1,
    dialog: dialogOf(group),
    messages: newest.map((message) => renderMessage(state, message, viewer)),
    ...renderPeers(state, [group], newest, viewer),
  };
};

export const channelDifference = (
  state: WorldState,
  viewer: User,
  group: Group,
  known: { readonly pts: number; readonly limit: number },
  rules: DifferenceRules,
): TlObject => {
  if (!group.members.has(viewer.id)) throw rpcError('CHANNEL_PRIVATE');
  const all = since(group.log, known.pts, rules);
  if (all.length === 0) return { _: 'updates.channelDifferenceEmpty', final: true, pts: group.log.pts, timeout: 1 };
  const limit = Math.max(1, Math.min(known.limit, mostFor(viewer)));
  const reach = rules.channelTooLongBy === 'age' ? KEPT : limit;
  if (rules.channelTooLong || known.pts + reach < group.log.pts) return channelTooLong(state, viewer, group);
  const events = all.slice(0, Math.min(limit, rules.channelLimit));
  const { messages, rendered, others } = split(state, events, viewer, rules);
  // The pts of a group also counts events that a bot does not see.
  if (events.length === all.length && viewer.isBot && rendered.length + others.length === 0)
    return { _: 'updates.channelDifferenceEmpty', final: true, pts: group.log.pts, timeout: 1 };
  return {
    _: 'updates.channelDifference',
    final: events.length === all.length,
    pts: events.at(-1)?.pts ?? known.pts,
    timeout: 1,
    newMessages: rendered,
    otherUpdates: others,
    ...renderPeers(state, [group], messages, viewer),
  };
};
