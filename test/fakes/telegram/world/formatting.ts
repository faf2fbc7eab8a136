import { rpcError } from '../rpc-error.ts';
import type { TlObject } from '../tl/value.ts';

/** Telegram's limits, in UTF-16 units: the strictest reading of the documentation. */
const MAX_TEXT = 4096;
const MAX_CAPTION = 1024;
const MAX_ENTITIES = 100;

export interface Formatted {
  readonly text: string;
  readonly entities: readonly TlObject[];
}

const startOf = ({ offset }: TlObject): number => Number(offset);
const endOf = ({ offset, length }: TlObject): number => Number(offset) + Number(length);
const isCode = ({ _ }: TlObject): boolean => _ === 'messageEntityCode' || _ === 'messageEntityPre';
const isQuote = ({ _ }: TlObject): boolean => _ === 'messageEntityBlockquote';
const overlap = (one: TlObject, other: TlObject): boolean => startOf(one) < endOf(other) && startOf(other) < endOf(one);
const contains = (outer: TlObject, inner: TlObject): boolean => startOf(outer) <= startOf(inner) && endOf(inner) <= endOf(outer);

/** Whether the position is inside a surrogate pair. */
const splitsCharacter = (text: string, at: number): boolean =>
  /[\ud800-\udbff]/.test(text.charAt(at - 1)) && /[\udc00-\udfff]/.test(text.charAt(at));

/** Whether an entity is no link, or a link with a usable address. */
const leadsSomewhere = ({ _, url }: TlObject): boolean =>
  _ !== 'messageEntityTextUrl' || /^(?:(?:https?|ftp|tg|ton|tonsite):\/\/\S|(?:mailto|tel):\S|[\w-]+(?:\.[\w-]+)+)/i.test(String(url));

/**
 * Code can be inside a quotation only, and contains nothing. Quotations do not nest. Entities that cross another one
 * are dropped (https://core.telegram.org/bots/api#formatting-options).
 */
const clash = (one: TlObject, other: TlObject): boolean => {
  if (!overlap(one, other)) return false;
  if (isQuote(one) && isQuote(other)) return true;
  if (isCode(one) || isCode(other)) return !(isQuote(one) && contains(one, other)) && !(isQuote(other) && contains(other, one));
  return !contains(one, other) && !contains(other, one);
};

/** Of two entities that clash, code is kept, else the first one. */
const withoutClashes = (entities: readonly TlObject[]): readonly TlObject[] => {
  const kept: TlObject[] = [];
  for (const entity of [...entities.filter(isCode), ...entities.filter((each) => !isCode(each))])
    if (!kept.some((other) => clash(entity, other))) kept.push(entity);
  return kept;
};

const inOrder = (entities: readonly TlObject[]): readonly TlObject[] =>
  entities.toSorted((a, b) => startOf(a) - startOf(b) || endOf(b) - endOf(a));

/** Whether the text shows nothing. */
const isBlank = (text: string): boolean => !/[^\s\p{Cc}\p{Cf}\u115f\u1160\u2800\u3164\uffa0]/u.test(text);

/** Cuts white space off both ends, and moves and cuts the entities along with it. */
const trimmed = (text: string, entities: readonly TlObject[]): Formatted => {
  const kept = text.trim();
  const moved = text.length - text.trimStart().length;
  return {
    text: kept,
    entities: entities.flatMap((entity) => {
      const start = Math.max(0, startOf(entity) - moved);
      const end = Math.min(kept.length, endOf(entity) - moved);
      return start < end ? [{ ...entity, offset: start, length: end - start }] : [];
    }),
  };
};

/**
 * The text as Telegram's servers store it. Throws the error with which they refuse it. A service message has no text,
 * and media can have none.
 */
export const formatted = (
  text: string,
  entities: readonly TlObject[],
  { isCaption, mayBeEmpty }: { readonly isCaption: boolean; readonly mayBeEmpty: boolean },
): Formatted => {
  if (text.length > (isCaption ? MAX_CAPTION : MAX_TEXT)) throw rpcError(isCaption ? 'MEDIA_CAPTION_TOO_LONG' : 'MESSAGE_TOO_LONG');
  for (const entity of entities) {
    const [start, end] = [startOf(entity), endOf(entity)];
    if (start < 0 || end <= start || end > text.length) throw rpcError('ENTITY_BOUNDS_INVALID');
    if (splitsCharacter(text, start) || splitsCharacter(text, end)) throw rpcError('ENTITY_BOUNDS_INVALID');
  }
  if (isBlank(text)) {
    if (mayBeEmpty) return { text: '', entities: [] };
    throw rpcError('MESSAGE_EMPTY');
  }
  const { text: kept, entities: moved } = trimmed(text, entities.filter(leadsSomewhere));
  return { text: kept, entities: inOrder(withoutClashes(inOrder(moved))).slice(0, MAX_ENTITIES) };
};
