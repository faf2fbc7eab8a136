import type { ChatId, MessageId } from '../../domain/chat/ids.ts';
import { type ConversationStep, noteOf } from '../../domain/conversation/conversation.ts';
import { type Media, tokensOfMedia } from '../../domain/conversation/media.ts';
import {
  firstShown,
  firstWithin,
  MAX_HELD_BYTES,
  type NotShown,
  notShownInWords,
  type SizedFile,
} from '../../domain/conversation/shown-files.ts';
import type { AttachmentKind, FetchedAttachment } from '../../domain/message/attachment.ts';
import { present } from '../../domain/shared/present.ts';
import type { Clock } from '../../ports/clock.ts';
import type { Events } from '../../ports/events.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';
import type { MessageStore } from '../../ports/storage/message-store.ts';
import type { WorkspaceFiles } from '../../ports/workspace-files.ts';

import { makeMediaRoom } from './media-room.ts';
import { makeReadMedia, type Place, type Read, type Sized } from './read-media.ts';

type PersonStep = Extract<ConversationStep, { role: 'person' }>;

/** Files that were kept for a chat, and how models are to be shown them. */
export interface FilesOfChat {
  readonly chatId: ChatId;
  /** What became of the attachments of messages that are asked about now, where that is known already. */
  readonly known?: ReadonlyMap<MessageId, readonly FetchedAttachment[]>;
  /** The messages that are asked about now: their files are shown before those of earlier ones. */
  readonly asked: readonly MessageId[];
  /** The directory that the files are in. */
  readonly directory: string;
  /** How many tokens the files of earlier messages may have, by the rough count. */
  readonly maxEarlierTokens: number;
  readonly signal: AbortSignal;
  /** Aborts when nobody needs what is shown any more: until then it takes room that others wait for. */
  readonly ended: AbortSignal;
}

/**
 * A conversation whose messages bring their files, as far as a model can be shown them. Behind a message with others, a
 * note says which these are, and why. Rejects when the storage does, and when `signal` aborts; a file that can't be
 * read is told of.
 */
export type ShowFiles = (steps: readonly ConversationStep[], chat: FilesOfChat) => Promise<readonly ConversationStep[]>;

/** All files of a request are read within this time: what is not read by then is told of. */
const READ_TIMEOUT_MS = 15_000;
/** How long their room in memory is waited for. */
const ROOM_TIMEOUT_MS = 30_000;

/** Kinds that no model is shown. What is said in a voice message is in its text. */
const NEVER_SHOWN: ReadonlySet<AttachmentKind> = new Set(['audio', 'video', 'video-note', 'animation']);

interface Candidate {
  readonly step: PersonStep;
  readonly path: string;
  readonly kind: AttachmentKind;
}

type Careful = <T>(look: () => Promise<T>) => Promise<T | { readonly why: NotShown }>;

export const makeShowFiles = (deps: {
  readonly messages: Pick<MessageStore, 'files'>;
  readonly files: Pick<WorkspaceFiles, 'read' | 'readBytes'>;
  readonly clock: Clock;
  readonly redact: Redact;
  readonly events: Events;
}): ShowFiles => {
  const { messages, clock, events } = deps;
  const { sizeUp, readWhole } = makeReadMedia(deps);
  const room = makeMediaRoom(MAX_HELD_BYTES);

  /** Resolves to whether there is room for so many bytes until the chat's turn has ended. */
  const hasRoom = async (bytes: number, { signal, ended }: FilesOfChat): Promise<boolean> => {
    if (bytes === 0) return true;
    const deadline = new AbortController();
    const cancel = clock.after(ROOM_TIMEOUT_MS, () => deadline.abort());
    try {
      await room.take(bytes, { ended, signal: AbortSignal.any([signal, deadline.signal]) });
      return true;
    } catch {
      signal.throwIfAborted();
      return false;
    } finally {
      cancel();
    }
  };

  /** The files of a conversation in their order. */
  const candidatesIn = async (steps: readonly ConversationStep[], chat: FilesOfChat): Promise<readonly Candidate[]> => {
    const people = steps.filter((step): step is PersonStep => step.role === 'person' && !step.note);
    const own = new Set(people.flatMap(({ messageId }) => messageId ?? []));
    const replied = people.flatMap((step) => step.replied?.messageId ?? []).filter((id) => !own.has(id));
    const ids = [...new Set([...own, ...replied])];
    if (ids.length === 0) return [];
    const stored = await messages.files(chat.chatId, ids);
    const filesOf = (id: MessageId | undefined): readonly FetchedAttachment[] =>
      id === undefined ? [] : (chat.known?.get(id) ?? stored.get(id) ?? []);
    return people.flatMap((step) => {
      // What a message replies to is shown with it where it is not a part of the conversation itself.
      const about = step.replied?.messageId;
      const shown = [...(about === undefined || own.has(about) ? [] : filesOf(about)), ...filesOf(step.messageId)];
      return shown.flatMap(({ path, kind }) => (path === undefined || kind === 'voice' ? [] : [{ step, path, kind }]));
    });
  };

  const sizeUpAll = (candidates: readonly Candidate[], chat: FilesOfChat): Promise<readonly Sized[]> =>
    inTime(clock, chat, async (careful, place) => {
      const sized: Sized[] = [];
      for (const { kind, path } of candidates)
        sized.push(NEVER_SHOWN.has(kind) ? { why: { reason: 'other-kind' } } : await careful(() => sizeUp(path, place)));
      return sized;
    });

  /** Reads the files one after the other: first the beginning of each, then the whole of those that are shown. */
  const readAll = async (candidates: readonly Candidate[], chat: FilesOfChat): Promise<readonly Read[]> => {
    const asked = firstAsked(candidates, chat.asked);
    const from = firstShown(candidates.length, asked);
    const left = (at: number): Read => ({ why: { reason: at < asked ? 'earlier' : 'too-many' } });
    const sized = await sizeUpAll(candidates.slice(from), chat);
    const sizes = sized.map((each) => ({ bytes: 'why' in each ? 0 : each.bytes, tokens: 0 }));
    const small = firstWithin(sizes, from, asked, Number.POSITIVE_INFINITY);
    const isBusy = !(await hasRoom(
      sizes.slice(small - from).reduce((sum, { bytes }) => sum + bytes, 0),
      chat,
    ));
    const read = await inTime(clock, chat, async (careful, place) => {
      const whole: Read[] = [];
      for (const [at, each] of sized.entries()) {
        const { path } = candidates[from + at] as Candidate;
        if ('why' in each) whole.push(each);
        else if (from + at < small) whole.push(left(from + at));
        else whole.push(isBusy ? { why: { reason: 'busy' } } : await careful(() => readWhole(path, each, place)));
      }
      return whole;
    });
    const counted = read.map((each) => ('why' in each ? NOTHING : sizeOf(each.media)));
    const first = firstWithin(counted, from, asked, chat.maxEarlierTokens);
    return candidates.map((_, at) => (at < first ? left(at) : (read[at - from] as Read)));
  };

  return async (steps, chat) => {
    const candidates = await candidatesIn(steps, chat);
    if (candidates.length === 0) return steps;
    const read = await readAll(candidates, chat);
    const shown = read.flatMap((each) => ('why' in each ? [] : [each]));
    events.emit({
      type: 'files-shown',
      chatId: chat.chatId,
      shown: shown.length,
      bytes: shown.reduce((sum, { bytes }) => sum + bytes, 0),
      notShown: read.flatMap((each, at) => {
        const { step, path } = candidates[at] as Candidate;
        return 'why' in each ? [{ path, reason: each.why.reason, ...present({ messageId: step.messageId }) }] : [];
      }),
    });
    const of = Map.groupBy(
      candidates.map((candidate, at) => ({ candidate, read: read[at] as Read })),
      ({ candidate }) => candidate.step,
    );
    return steps.flatMap((step): ConversationStep[] => {
      const own = step.role === 'person' ? (of.get(step) ?? []) : [];
      const media = own.flatMap((each) => ('why' in each.read ? [] : [each.read.media]));
      const notes = own.flatMap((each) =>
        'why' in each.read ? [`${plainPath(each.candidate.path)}: ${notShownInWords(each.read.why)}.`] : [],
      );
      return [
        step.role === 'person' && media.length > 0 ? { ...step, media } : step,
        ...(notes.length > 0 ? [noteOf(`(Note: you are not shown these files of the message above. ${notes.join(' ')})`)] : []),
      ];
    });
  };
};

const NOTHING: SizedFile = { bytes: 0, tokens: 0 };

/** Its bytes were counted before. */
const sizeOf = (media: Media): SizedFile => ({
  bytes: 0,
  tokens: tokensOfMedia(media),
  ...present({ pages: media.kind === 'pdf' ? media.pages : undefined }),
});

/** The place of the first file that is asked about now; the number of all files where none is. */
const firstAsked = (candidates: readonly Candidate[], asked: readonly MessageId[]): number => {
  const at = candidates.findIndex(({ step }) => step.messageId !== undefined && asked.includes(step.messageId));
  return at < 0 ? candidates.length : at;
};

/** Looks at files within READ_TIMEOUT_MS; what fails or comes too late is told of. */
const inTime = async <T>(clock: Clock, chat: FilesOfChat, work: (careful: Careful, place: Place) => Promise<T>): Promise<T> => {
  const deadline = new AbortController();
  const signal = AbortSignal.any([chat.signal, deadline.signal]);
  const cancel = clock.after(READ_TIMEOUT_MS, () => deadline.abort());
  const careful: Careful = async (look) => {
    if (deadline.signal.aborted) return { why: { reason: 'unreadable' } };
    try {
      return await orAborted(look(), signal);
    } catch (error) {
      chat.signal.throwIfAborted();
      return { why: { reason: isPortError(error) && error.code === 'not-found' ? 'gone' : 'unreadable' } };
    }
  };
  try {
    return await work(careful, { directory: chat.directory, signal });
  } finally {
    cancel();
  }
};

/** A path in a note says where a file is, and nothing else: it has no words for a model. */
const plainPath = (path: string): string => path.replace(/[^\p{L}\p{M}\p{N}._/-]/gu, '_');

/** Settles as `work` does, or rejects as soon as `signal` aborts: a disk may not answer. */
const orAborted = async <T>(work: Promise<T>, signal: AbortSignal): Promise<T> => {
  const aborted = Promise.withResolvers<never>();
  const abort = (): void => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
};
