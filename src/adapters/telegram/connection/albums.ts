import type { IncomingMessage } from '../../../domain/index.ts';
import type { Clock } from '../../../ports/index.ts';
import type { Inbound } from '../inbound/to-incoming.ts';

export type InboundMessage = Extract<Inbound, { kind: 'message' }>;

/** Messages that were sent as one album; each came by itself. */
export interface Album {
  /** Resolves to its parts, in order, when no more have come for a while. */
  readonly whole: Promise<readonly InboundMessage[]>;
  /** Resolves when it was received. */
  readonly settled: Promise<void>;
  readonly settle: () => void;
}

/**
 * Gathers albums: `add` gives the one that a part belongs to, and whether this part opened it. From `hold` until what it returns is
 * called none is whole: the next part may take longer.
 */
export const makeAlbums = (clock: Clock, patienceMs: number) => {
  const open = new Map<string, { readonly album: Album; readonly parts: InboundMessage[]; wait: () => void }>();

  let holds = 0;
  const hold = (change: 1 | -1): void => {
    holds += change;
    for (const { wait } of open.values()) wait();
  };

  return {
    hold: (): (() => void) => {
      hold(1);
      return () => hold(-1);
    },
    add: (part: InboundMessage, albumId: string): { readonly album: Album; readonly opened: boolean } => {
      const key = `${part.message.chatId}:${albumId}`;
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
        if (holds > 0) return;
        cancel = clock.after(patienceMs, () => {
          open.delete(key);
          whole.resolve(parts.toSorted((a, b) => a.message.messageId - b.message.messageId));
        });
      };
      const album = { whole: whole.promise, settled: settled.promise, settle: settled.resolve };
      open.set(key, { album, parts, wait });
      wait();
      return { album, opened: true };
    },
  };
};

/** The album as one message: the first one's id, everybody's text, addressed to whom any part is. */
export const albumMessage = (first: IncomingMessage, parts: readonly IncomingMessage[]): IncomingMessage => {
  const addressedTo = parts.some((part) => part.addressedTo === 'us') ? 'us' : first.addressedTo;
  const text = parts
    .map((part) => part.text)
    .filter(Boolean)
    .join('\n');
  return { ...first, text, ...(addressedTo ? { addressedTo } : {}) };
};
