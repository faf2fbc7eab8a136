import type { Api } from 'telegram/tl/index.js';
import type { Peers } from '../client/peers.ts';
import type { Acknowledgements } from './acknowledgements.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { Batch } from './difference.ts';
import { latestDate } from './recovery-rules.ts';
import { renamedIn, sentIn, type UpdateParts } from './updates.ts';

/** Takes in what comes along with updates, before these are dispatched. */
export type Learn = (
  news: Pick<UpdateParts, 'users' | 'chats' | 'renamed' | 'sent'>,
  /** Now by Telegram's clock, in seconds since 1970. */
  now: number,
  /** When this was asked for, if something that comes in meanwhile may be newer. */
  asked?: number,
) => void;

export const makeLearn =
  ({
    peers,
    checkpoints,
    acknowledgements,
    renamed,
    sent,
  }: {
    readonly peers: Peers;
    readonly checkpoints: Checkpoints;
    readonly acknowledgements: Acknowledgements;
    readonly renamed: (people: readonly Api.UpdateUserName[]) => void;
    readonly sent: (messages: readonly Api.UpdateMessageID[]) => ReadonlyMap<string, string>;
  }): Learn =>
  (news, now, asked) => {
    renamed(news.renamed);
    acknowledgements.note(sent(news.sent));
    acknowledgements.note(peers.learn(news.users, news.chats, asked));
    checkpoints.see(news.chats, now);
  };

/** Works a difference off, batch by batch; stops between two of them when the feed stops. */
export type ReadBatches = <Checkpoint>(
  stream: string,
  batches: AsyncIterable<Batch<Checkpoint>>,
  take: (batch: Batch<Checkpoint>) => Promise<void>,
  asked?: number,
) => Promise<void>;

export const makeReadBatches =
  ({
    learn,
    checkpoints,
    holdAlbums,
    signal,
  }: {
    readonly learn: Learn;
    readonly checkpoints: Checkpoints;
    readonly holdAlbums: (stream: string) => () => void;
    readonly signal: AbortSignal;
  }): ReadBatches =>
  async (stream, batches, take, asked) => {
    // An album may lie in two batches.
    const release = holdAlbums(stream);
    try {
      for await (const batch of batches) {
        if (signal.aborted) return;
        const { updates, users, chats } = batch;
        const now = latestDate(updates, checkpoints.account?.date ?? 0);
        learn({ users, chats, renamed: renamedIn(updates), sent: sentIn(updates) }, now, asked);
        await take(batch);
      }
    } finally {
      release();
    }
  };
