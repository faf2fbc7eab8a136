import type { ChatId, MessageId } from '../../domain/index.ts';
import { claimState } from './client/account.ts';
import { type Connection, makeConnection } from './client/connection.ts';
import { heedWaits } from './client/heeded-waits.ts';
import { markedIdOf, messageNumberOf } from './client/ids.ts';
import type { Call } from './client/link.ts';
import { type MovedGroups, makeMovedGroups } from './client/moved-groups.ts';
import { makePeers, type Peers } from './client/peers.ts';
import { makeServerTime } from './client/server-time.ts';
import type { FileSettings, TelegramBase } from './client/settings.ts';
import { makeComments } from './inbound/channel-posts.ts';
import { makeFiles } from './inbound/files.ts';
import { makeHandOver } from './inbound/hand-over.ts';
import { makeTaps, type Taps } from './inbound/taps.ts';
import { makeSentMessages, type SentMessages } from './outbound/sent-messages.ts';
import { type Acknowledgements, makeAcknowledgements } from './updates/acknowledgements.ts';
import { makeUpdateFeed, type UpdateFeed } from './updates/update-feed.ts';

/** The connection, and everything by which messages come in. */
export interface Receiving {
  readonly connection: Connection;
  /** Over the connection of the moment. */
  readonly call: Call;
  readonly self: Connection['self'];
  readonly peers: Peers;
  readonly sent: SentMessages;
  readonly moved: MovedGroups;
  readonly feed: UpdateFeed;
  readonly fetching: ReturnType<typeof makeFiles>;
  readonly handOver: ReturnType<typeof makeHandOver>;
  readonly acknowledgements: Acknowledgements;
  readonly taps: Taps;
}

export const makeReceiving = (
  base: TelegramBase,
  {
    isOurs,
    files,
    load,
    onUp,
  }: {
    readonly isOurs: (chatId: ChatId, messageId: MessageId) => boolean | Promise<boolean>;
    readonly files: FileSettings;
    /** Loads what else is stored, once, before anything is received. */
    readonly load: () => Promise<void>;
    readonly onUp: () => void;
  },
): Receiving => {
  const { state, clock, notice } = base;
  const serverTime = makeServerTime(clock, notice);
  let loaded = false;

  const connection = makeConnection(base, {
    onUpdates: (updates) => {
      taps.take(updates);
      feed.push(updates);
    },
    onSignedIn: async (account, link) => {
      if (!loaded) {
        await claimState(state, account);
        await Promise.all([peers.load(), sent.load(), moved.load(), comments.load(), feed.load(), load()]);
        loaded = true;
      }
      // Before anything is received: a message's age is told by it.
      if (!serverTime.isKnown) await serverTime.ask(link);
      await feed.establish(link);
    },
    onUp: () => {
      feed.catchUp();
      onUp();
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
  const fetching = makeFiles(base, { files, call, download, peers, notice });
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
  const taps = makeTaps({ call, peers, clock, notice });
  const feed = makeUpdateFeed(base, {
    call,
    self,
    peers,
    acknowledgements,
    deliver: handOver.deliver,
    holdAlbums: handOver.holdAlbums,
    renamed: (people) => {
      peers.forgetUsers(people.map(({ userId }) => Number(userId)));
      connection.renamed(people);
    },
    sent: (messages) => sent.became(messages.map(({ randomId, id }) => [String(randomId), id] as const)),
  });
  return { connection, call, self, peers, sent, moved, feed, fetching, handOver, acknowledgements, taps };
};
