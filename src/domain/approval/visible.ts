/**
 * What a reader does not see, or sees elsewhere than it stands: control and format characters, marks of direction,
 * zero-width characters, fillers, spaces that look like others, half of a surrogate pair. Four marks in a row paint
 * over what stands around them. Three backticks may end a code block.
 */
const UNSEEN =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|(?<=\p{M}{3})\p{M}|`(?=``)|(?<=`)`(?=`)|(?<=``)`/gu;

const asEscape = (character: string): string =>
  Array.from({ length: character.length }, (_, at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');

/** The text with an escape for each character that a reader would not see as it is. As JSON, it means the same. */
export const visible = (text: string): string => text.replace(UNSEEN, asEscape);

/** JSON in one line of a message, of which nothing is read as formatting: no backtick ends its code span. */
export const visibleCode = (json: string): string => `\`${visible(json).replaceAll('`', '\\u0060')}\``;

/** Deeper values are written in one line: each level would indent all that is in it. */
const MAX_INDENTED_DEPTH = 24;

const isDeep = (value: unknown): boolean => {
  let level: unknown[] = [value];
  for (let depth = 0; depth < MAX_INDENTED_DEPTH; depth++) {
    level = level.flatMap((each) => (typeof each === 'object' && each !== null ? Object.values(each) : []));
    if (level.length === 0) return false;
  }
  return true;
};

/** All of a value as JSON of which a reader sees every character; line breaks stand between its parts alone. */
export const visibleJson = (value: unknown): string => {
  const written = isDeep(value) ? JSON.stringify(value) : JSON.stringify(value, null, 2);
  return written.split('\n').map(visible).join('\n');
};
