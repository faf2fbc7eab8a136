import { z } from 'zod';
import { MAX_OUTBOX_AGE_MS } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { type Clock, type KeyValueState, type Notice, reasonOf } from '../../../ports/index.ts';
import { notConnected } from '../client/errors.ts';
import { telegramChatId, telegramMessageId } from '../client/ids.ts';
import { BECAME_PREFIX, SENT_PREFIX } from '../client/state-keys.ts';

/** What is known of a message that was sent under a random id, by Telegram's numbers. */
export interface SentRecord {
  /** The marked id of its room. */
  readonly chatId: number;
  /** Absent while nobody knows whether it arrived, or, of a final one, as which message. */
  readonly messageId?: number;
  /** False for a draft: the message there does not say the last word yet. */
  readonly isFinal: boolean;
  /** Its thread takes no messages any more, for that reason: all of it goes to General. */
  readonly inGeneral?: ThreadEnd;
  /** What a draft replies to: it stays so, also where the answer comes to answer more. */
  readonly replyTo?: number;
}

/** Why a thread takes no messages: it is closed, or it is not there any more. */
export type ThreadEnd = z.infer<typeof threadEndSchema>;
const threadEndSchema = z.enum(['closed', 'gone']);

/** Remembers which message each random id became: for as long as a send may be repeated, and for the newest of many. */
export interface SentMessages {
  /** Rejects with PortError `unavailable` until it is loaded: what nobody knows of yet could be taken for new. */
  get(randomId: string): Promise<SentRecord | undefined>;
  remember(randomId: string, record: SentRecord): Promise<void>;
  /**
   * The last word: known at once, and stored along with what is stored next. Where that fails, a repeat is told by its
   * random id.
   */
  conclude(randomId: string, chatId: number, messageId: number | undefined): void;
  /** Known at once, before anything is stored: the message itself may come in by then. */
  claim(chatId: number, messageId: number, randomId?: string): void;
  isOurs(chatId: number, messageId: number): boolean;
  /**
   * Telegram says which messages random ids became, also of sends whose answer was lost. Gives what is to be stored:
   * nothing of those that are known.
   */
  became(sends: readonly (readonly [randomId: string, messageId: number])[]): ReadonlyMap<string, string>;
  /** The message that Telegram says it became; undefined where it has not said so. */
  messageOf(randomId: string): number | undefined;
  load(): Promise<void>;
}

/** Nothing is repeated after that. */
const KEEP_MS = 2 * MAX_OUTBOX_AGE_MS;
/**
 * Of more than these the oldest last words go: a repeat of one comes soon, and is told by its random id otherwise.
 * Drafts are few, and stay.
 */
const KEEP_MOST = 10_000;
const SWEEP_EVERY = 200;

const schema = z.object({
  chatId: z.number(),
  messageId: z.number().exactOptional(),
  isFinal: z.boolean(),
  inGeneral: threadEndSchema.exactOptional(),
  replyTo: z.number().exactOptional(),
  at: z.number(),
});

const becameSchema = z.object({ messageId: z.number(), at: z.number() });

export const makeSentMessages = (state: KeyValueState, clock: Clock, notice: Notice): SentMessages => {
  const records = new Map<string, SentRecord & { readonly at: number }>();
  /** What random ids became, until that is remembered in a record. */
  const told = new Map<string, { readonly messageId: number; readonly at: number; readonly isStored: boolean }>();
  const ours = new Set<string>();
  let writes = 0;
  let isLoaded = false;

  const claim = (chatId: number, messageId: number): void => {
    ours.add(`${chatId}/${messageId}`);
    const [oldest] = ours;
    if (ours.size > KEEP_MOST && oldest !== undefined) ours.delete(oldest);
  };
  const enter = (randomId: string, record: SentRecord & { readonly at: number }): void => {
    // Behind all others, also where it was a draft before.
    records.delete(randomId);
    records.set(randomId, record);
    if (record.messageId !== undefined) claim(record.chatId, record.messageId);
  };

  /** What is too old goes with the next write. */
  const expired = (): ReadonlyMap<string, undefined> => {
    const surplus = records.size - KEEP_MOST;
    const old = [...records].filter(([, { at, isFinal }], place) => clock.now() - at > KEEP_MS || (isFinal && place < surplus));
    for (const [randomId] of old) records.delete(randomId);
    const forgotten = [...told].filter(([, { at }], place) => clock.now() - at > KEEP_MS || place < told.size - KEEP_MOST);
    for (const [randomId] of forgotten) told.delete(randomId);
    return new Map([
      ...old.map(([randomId]) => [SENT_PREFIX + randomId, undefined] as const),
      ...forgotten.map(([randomId]) => [BECAME_PREFIX + randomId, undefined] as const),
    ]);
  };

  const remember = async (randomId: string, record: SentRecord): Promise<void> => {
    const entry = { ...record, at: clock.now() };
    enter(randomId, entry);
    const inRecord = record.messageId === undefined ? undefined : told.get(randomId);
    if (inRecord) told.delete(randomId);
    const known = inRecord?.isStored ? [[BECAME_PREFIX + randomId, undefined] as const] : [];
    const old = writes++ % SWEEP_EVERY === 0 ? expired() : new Map<string, undefined>();
    await state.set(new Map<string, string | undefined>([...old, ...known, [SENT_PREFIX + randomId, JSON.stringify(entry)]]));
  };

  return {
    get: async (randomId) => {
      if (!isLoaded) throw notConnected('it has not been since the start');
      return records.get(randomId);
    },
    remember,
    conclude: (randomId, chatId, messageId) => {
      remember(randomId, { chatId, isFinal: true, ...present({ messageId }) }).catch((error: unknown) =>
        notice('sent-not-recorded', {
          chatId: telegramChatId(chatId),
          ...(messageId === undefined ? {} : { messageId: telegramMessageId(messageId) }),
          reason: reasonOf(error),
        }),
      );
    },
    claim: (chatId, id, randomId) => {
      claim(chatId, id);
      if (randomId !== undefined) told.set(randomId, { messageId: id, at: clock.now(), isStored: false });
    },
    isOurs: (chatId, messageId) => ours.has(`${chatId}/${messageId}`),
    became: (sends) => {
      const at = clock.now();
      const news = sends.filter(([randomId]) => records.get(randomId)?.messageId === undefined && !told.has(randomId));
      for (const [randomId, messageId] of news) told.set(randomId, { messageId, at, isStored: true });
      return new Map(news.map(([randomId, messageId]) => [BECAME_PREFIX + randomId, JSON.stringify({ messageId, at })]));
    },
    messageOf: (randomId) => told.get(randomId)?.messageId,
    load: async () => {
      for (const [key, text] of await state.list(BECAME_PREFIX))
        told.set(key.slice(BECAME_PREFIX.length), { ...becameSchema.parse(JSON.parse(text)), isStored: true });
      const stored = [...(await state.list(SENT_PREFIX))].map(([key, text]) => [key, schema.parse(JSON.parse(text))] as const);
      for (const [key, record] of stored.toSorted(([, a], [, b]) => a.at - b.at)) enter(key.slice(SENT_PREFIX.length), record);
      isLoaded = true;
    },
  };
};
