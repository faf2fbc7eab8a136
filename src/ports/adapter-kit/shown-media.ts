import type { ConversationStep } from '../../domain/conversation/conversation.ts';
import type { Media } from '../../domain/conversation/media.ts';
import { isBlank } from '../../domain/conversation/model-conversation.ts';
import { beginningOf } from '../../domain/shared/excerpt.ts';
import { linesOf } from '../../domain/shared/lines.ts';
import { withoutUnseen } from '../../domain/shared/look-alike.ts';

/** What of the media a model is not shown, as far as that is known. */
export interface Unshown {
  /** Kinds that it can't be shown at all; a text is told in words then. */
  readonly kinds: readonly Media['kind'][];
  /** Single ones that were refused, by `mediaKey`. */
  readonly items: readonly { readonly key: string; readonly why: string }[];
}

export const ALL_SHOWN: Unshown = { kinds: [], items: [] };
/** For APIs that have no document that is a text. */
export const TEXTS_IN_WORDS: Unshown = { kinds: ['text'], items: [] };

/** Media as they are, or words in their place. */
export type Shown = Media | { readonly kind: 'words'; readonly text: string };

/** All that people have sent with what they said, in their order. */
export const mediaIn = (steps: readonly ConversationStep[]): readonly Media[] =>
  steps.flatMap((step) => (step.role === 'person' ? (step.media ?? []) : []));

/** The media of a step as a model is shown them. None is left out without a word. */
export const shownMedia = (media: readonly Media[] | undefined, { kinds, items }: Unshown): readonly Shown[] =>
  (media ?? []).map((one): Shown => {
    const refused = items.length > 0 ? items.find(({ key }) => key === mediaKey(one)) : undefined;
    if (refused) return inWords(one, `it can't be shown here: ${plain(refused.why, MAX_WHY)}`);
    if (one.kind === 'text' && isBlank(one.text)) return inWords(one, 'it is empty');
    if (!kinds.includes(one.kind)) return one;
    return one.kind === 'text' ? { kind: 'words', text: markedText(one) } : inWords(one, "this model can't be shown it");
  });

/** The name of a picture, in words to stand before it: APIs have no place for it. */
export const pictureLabel = (picture: Media): string => `[${calledBy(picture)}:]`;

/** The name of a file, in one line that can't hold what our own marks are made of. */
export const mediaName = ({ name }: Media): string => plain(name, MAX_NAME) || 'without a name';

const MAX_NAME = 200;
const MAX_WHY = 200;

const inWords = (media: Media, what: string): Shown => ({ kind: 'words', text: `[${calledBy(media)}: ${what}]` });

const calledBy = (media: Media): string => `${CALLED[media.kind]} ${mediaName(media)}`;
const CALLED: Readonly<Record<Media['kind'], string>> = { picture: 'picture', pdf: 'PDF', text: 'file' };

/** Each line is marked: whatever it says, none passes for a message or for a note of Kept's. */
const markedText = (media: Extract<Media, { kind: 'text' }>): string =>
  [`[${calledBy(media)}; each line of it is marked here by >]`, ...linesOf(media.text).map((line) => `  > ${line}`)].join('\n');

const plain = (words: string, length: number): string => beginningOf(withoutUnseen(words).replace(MARKS, ' ').trim(), length).trim();
/** What the marks above are made of, and line ends. */
const MARKS = /[\s\p{Cc}\p{Zl}\p{Zp}\p{Ps}\p{Pe}<>＜＞«»]+/gu;

/** Tells media apart by how they are called, how long they are, and some of what they hold. */
export const mediaKey = (media: Media): string => {
  const held = media.kind === 'text' ? media.text : media.base64;
  const middle = Math.floor(held.length / 2);
  const some = [held.slice(0, SAMPLE), held.slice(middle, middle + SAMPLE), held.slice(-SAMPLE)];
  return [media.kind, media.name, held.length, ...some].join('\n');
};
const SAMPLE = 100;
