import { type IncomingMessage, present, textOfParts } from '../../../domain/index.ts';
import type { Clock } from '../../../ports/index.ts';
import { markedIdOf, messageNumberOf } from '../client/ids.ts';
import { streamOf } from '../updates/updates.ts';
import type { Inbound } from './to-incoming.ts';

export type InboundMessage = Extract<Inbound, { kind: 'message' }>;

/** In the order in which they were sent. */
export const byNumber = (a: InboundMessage, b: InboundMessage): number =>
  messageNumberOf(a.message.messageId) - messageNumberOf(b.message.messageId);

/** Messages that were sent as one album; each came by itself. */
export interface Album {
  /** Resolves to its parts, in order, when no more have come for a while. */
  readonly whole: Promise<readonly InboundMessage[]>;
  /** Resolves when it was received. */
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

/**
 * Gathers albums: `add` gives the one that a part belongs to, and whether this part opened it. From `hold` until what
 * it returns is called none of that stream of updates is whole: the next part may take longer.
 */
export const makeAlbums = (clock: Clock, patienceMs: number) => {
  const open = new Map<string, { readonly sequence: string; readonly album: Album; readonly parts: InboundMessage[]; wait: () => void }>();

  const holds = new Map<string, number>();
  const hold = (sequence: string, change: 1 | -1): void => {
    const left = (holds.get(sequence) ?? 0) + change;
    if (left > 0) holds.set(sequence, left);
    else holds.delete(sequence);
    for (const album of open.values()) if (album.sequence === sequence) album.wait();
  };

  return {
    hold: (sequence: string): (() => void) => {
      hold(sequence, 1);
      return () => hold(sequence, -1);
    },
    add: (part: InboundMessage, albumId: string): { readonly album: Album; readonly opened: boolean } => {
      const key = `${part.message.chat.id}:${albumId}`;
      const sequence = streamOf(markedIdOf(part.message.chat.id));
      const known = open.get(key);
      if (known) {
        known.parts.push(part);
        known.wait();
        return { album: known.album, opened: false };
      }
      const whole = Promise.withResolvers<readonly InboundMessage[]>();
      const settled = Promise.withResolvers<void>();
      const parts = [part];
      let cancel = (): void => undefined;
      const wait = (): void => {
        cancel();
        if (holds.has(sequence)) return;
        cancel = clock.after(patienceMs, () => {
          open.delete(key);
          whole.resolve(parts.toSorted(byNumber));
        });
      };
      const album = { whole: whole.promise, settled: settled.promise, settle: settled.resolve };
      open.set(key, { sequence, album, parts, wait });
      wait();
      return { album, opened: true };
    },
  };
};

export type Albums = ReturnType<typeof makeAlbums>;

/** The album as one message: the first one's id, everybody's text, addressed to whom any part is. */
export const albumMessage = (first: IncomingMessage, parts: readonly IncomingMessage[]): IncomingMessage => {
  const addressedTo = parts.some((part) => part.addressedTo === 'us') ? 'us' : first.addressedTo;
  const attachments = parts.flatMap((part) => part.attachments ?? []);
  const editedAt = Math.max(...parts.map((part) => part.editedAt ?? 0));
  return {
    ...first,
    text: textOfParts(parts),
    parts: parts.map(({ messageId, text }) => ({ messageId, text })),
    ...present({ attachments: attachments.length > 0 ? attachments : undefined, addressedTo, editedAt: editedAt || undefined }),
  };
};
