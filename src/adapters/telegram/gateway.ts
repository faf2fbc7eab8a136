import { Api } from 'telegram/tl/index.js';
import type { ChatId, HealthCheck, MessageId } from '../../domain/index.ts';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import {
  type ChatGateway,
  type Clock,
  type Events,
  type KeyValueState,
  noticesOf,
  PortError,
  type Randomness,
  type SelfPingChannel,
  silentEvents,
} from '../../ports/index.ts';
import { claimState } from './client/account.ts';
import { makeConnection } from './client/connection.ts';
import { portErrorOf } from './client/errors.ts';
import { heedWaits } from './client/heeded-waits.ts';
import { canMove, markedIdOf, messageNumberOf, TELEGRAM } from './client/ids.ts';
import { makeMovedGroups } from './client/moved-groups.ts';
import { makePeers } from './client/peers.ts';
import { trustServerKey } from './client/server-key.ts';
import { makeServerTime } from './client/server-time.ts';
import { DEFAULT_TIMING, type FileSettings, type TelegramBase, type TelegramSelf, type TelegramSettings } from './client/settings.ts';
import { makeComments } from './inbound/channel-posts.ts';
import { makeFiles } from './inbound/files.ts';
import { makeHandOver } from './inbound/hand-over.ts';
import { makeReadReplied } from './inbound/read-replied.ts';
import { inMovedGroups } from './outbound/in-moved-groups.ts';
import { makeOutbound } from './outbound/outbound.ts';
import { makePosting } from './outbound/post.ts';
import { makeReadMarks } from './outbound/read-marks.ts';
import { makeTelegramSelfPing } from './outbound/self-ping.ts';
import { makeSentMessages } from './outbound/sent-messages.ts';
import { makeAcknowledgements } from './updates/acknowledgements.ts';
import { makeUpdateFeed } from './updates/update-feed.ts';

/** The chats of one Telegram account, a bot's or a person's. */
export interface TelegramGateway extends ChatGateway {
  readonly edit: NonNullable<ChatGateway['edit']>;
  /** Who the account is; undefined until it was connected once. */
  self(): TelegramSelf | undefined;
  /** How the connection stands, with what to do when it needs somebody. */
  health(): HealthCheck;
  /** The time of an authorised call to Telegram and back, in ms. Rejects with PortError. */
  pingServer(): Promise<number>;
  /** Absent for a bot without an operator's chat: it can't write to itself. */
  readonly selfPingChannel?: SelfPingChannel;
}

export interface TelegramGatewayOptions {
  readonly settings: TelegramSettings;
  /** Holds the session's key, too: whoever reads it is that account. */
  readonly state: KeyValueState;
  readonly clock: Clock;
  readonly randomness: Randomness;
  /** Says nothing unless told. */
  readonly events?: Events | undefined;
  /** Whether that message is one of ours, sent by an earlier process perhaps. Asked for replies in groups. */
  readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
  readonly files?: FileSettings;
  /** Where a bot says its self-pings. */
  readonly operatorChat?: ChatId;
}

/** https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this */
const GROUP_SENDS_PER_MINUTE = 20;
const BOT_LIMITS = {
  draftIntervalMs: 3_000,
  sendsPerSecond: 30,
  chatIntervalMs: 1_000,
  sendsPerMinuteIn: (room: ChatId) => (markedIdOf(room) < 0 ? GROUP_SENDS_PER_MINUTE : undefined),
} as const;
/**
 * Nothing is published for people, and what no person could type earns PEER_FLOOD or a frozen account: about one a
 * second in all, and no message in a group that is edited while others read it.
 */
const PERSON_LIMITS = { ...BOT_LIMITS, sendsPerSecond: 1, draftsInGroups: false } as const;

/**
 * Telegram as a gateway, over one MTProto connection that is always there again. `start` resolves as soon as it is
 * known how things stand, and does not reject for it: `health` tells. A gateway that was stopped is not started again.
 */
export const makeTelegramGateway = ({
  settings,
  state,
  clock,
  randomness,
  events = silentEvents,
  isOurs,
  files,
  operatorChat,
}: TelegramGatewayOptions): TelegramGateway => {
  requireNode(process.versions.node);
  const notice = noticesOf(events, 'telegram');
  const timing = { ...DEFAULT_TIMING, ...present(settings.timing ?? {}) };
  const base: TelegramBase = { settings, timing, state, clock, randomness, notice };
  if (settings.dc?.publicKeyPem !== undefined) trustServerKey(settings.dc.publicKeyPem);

  const limits = settings.account.kind === 'bot' ? BOT_LIMITS : PERSON_LIMITS;

  const serverTime = makeServerTime(clock, notice);
  let begun = false;
  let loaded = false;

  const connection = makeConnection(base, {
    onUpdates: (updates) => feed.push(updates),
    onSignedIn: async (account, link) => {
      if (!loaded) {
        await claimState(state, account);
        await Promise.all([peers.load(), sent.load(), moved.load(), comments.load(), feed.load(), selfPing?.load()]);
        loaded = true;
      }
      // Before anything is received: a message's age is told by it.
      if (!serverTime.isKnown) await serverTime.ask(link);
      await feed.establish(link);
    },
    onUp: () => {
      feed.catchUp();
      void selfPing?.tidy();
    },
    onState: (found) => {
      serverTime.note(found.date);
      feed.compare(found);
    },
    onLost: () => feed.lose(),
  });
  const { download, self } = connection;
  const call = serverTime.noting(heedWaits(connection.call, clock));
  const peers = makePeers(state, clock, self);
  const sent = makeSentMessages(state, clock, notice);
  const acknowledgements = makeAcknowledgements(state, clock, notice);
  const fetching = makeFiles(base, { files: present(files ?? {}), call, download, peers, notice });
  const moved = makeMovedGroups({ state, call, peers });
  const comments = makeComments({ state, call, peers });
  const handOver = makeHandOver(base, {
    call,
    peers,
    self,
    isOurs,
    sentByUs: (chatId, messageId) => sent.isOurs(markedIdOf(chatId), messageNumberOf(messageId)),
    moved,
    onOurClock: serverTime.onOurClock,
    isComment: comments.isComment,
    attachmentsOf: fetching.attachmentsOf,
    notice,
  });
  const feed = makeUpdateFeed(base, {
    call,
    self,
    peers,
    acknowledgements,
    deliver: handOver.deliver,
    holdAlbums: handOver.holdAlbums,
    notice,
    renamed: (people) => {
      peers.forgetUsers(people.map(({ userId }) => Number(userId)));
      connection.renamed(people);
    },
    sent: (messages) => sent.became(messages.map(({ randomId, id }) => [String(randomId), id] as const)),
  });
  const posting = makePosting({
    call,
    peers,
    self,
    sent,
    topOf: feed.topOf,
    onUpdates: feed.push,
    clock,
    timeoutMs: timing.callTimeoutMs,
    notice,
  });

  const outbound = inMovedGroups(
    makeOutbound({
      call,
      peers,
      sent,
      posting,
      onUpdates: feed.push,
      clock,
      partIntervalMs: limits.chatIntervalMs,
      notice,
    }),
    moved,
  );
  // What a bot has read is shown to nobody.
  const reads = settings.account.kind === 'user' ? makeReadMarks({ call, peers, onUpdates: feed.push, clock, notice }) : undefined;
  const where = operatorChat === undefined ? {} : { operatorChat: () => moved.home(operatorChat) };
  const selfPing =
    settings.account.kind === 'user' || operatorChat !== undefined
      ? makeTelegramSelfPing({
          ...where,
          call,
          peers,
          self,
          posting,
          state,
          randomness,
          notice,
          bring: handOver.bringOwn,
          onUpdates: feed.push,
        })
      : undefined;

  return {
    name: TELEGRAM,
    limits,
    canMove,
    start: async (inlet) => {
      if (begun) throw new PortError('invalid-request', 'Telegram is started already', { retryable: false });
      begun = true;
      moved.start(inlet);
      handOver.start(inlet);
      await connection.start();
    },
    ...outbound,
    acknowledge: (chatId, messageId) => {
      if (moved.home(chatId) === chatId) reads?.note(chatId, messageNumberOf(messageId));
      return outbound.acknowledge(chatId, messageId);
    },
    fetchAttachments: fetching.fetch,
    readReplied: makeReadReplied({ call, peers, self }),
    send: async (message) => {
      const id = await outbound.send(selfPing?.isPong(message) ? { ...message, silent: true } : message);
      await selfPing?.delivered(message, id && messageNumberOf(id));
      return id;
    },
    stop: async () => {
      feed.stop();
      reads?.stop();
      await connection.stop();
      await handOver.stop();
      await acknowledgements.flush();
    },
    self,
    health: connection.health,
    pingServer: async () => {
      const startedAt = clock.now();
      try {
        await call(new Api.updates.GetState());
      } catch (error) {
        throw portErrorOf(error);
      }
      return clock.now() - startedAt;
    },
    ...(selfPing ? { selfPingChannel: selfPing } : {}),
  };
};
