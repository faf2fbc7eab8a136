import { wordsOf } from '../conversation/words.ts';
import { UNSEEN, withoutUnseen } from '../shared/look-alike.ts';

/** The words that trusted people said. */
export interface SaidWords {
  /**
   * How many things a call's arguments choose freely, of which each could tell a little: words out of their order, or
   * oftener than they were said, words that everybody uses, small numbers, what the tool's schema gives to choose from.
   * undefined where they hold anything else than words that were said. `schema`: JSON Schema of the input.
   */
  choices(input: unknown, schema?: Readonly<Record<string, unknown>>): number | undefined;
}

/** How much all calls of a run may choose freely, each call itself among it. */
export const MOST_CHOICES = 6;

/**
 * How much the arguments of one call may hold: which words are chosen tells something, and the more of them there are,
 * the more.
 */
const MAX_WORDS = 24;
const MAX_VALUES = 40;
const MAX_SIGNS = 16;
/** How many words that nobody said may stand among them, each once, of those that everybody uses to look for things. */
const MAX_COMMON = 4;
/** A larger number could be anything. */
const MAX_COUNT = 100;
/** How much of what was said is looked at, in UTF-16 units, from its end. */
const MAX_SAID_LENGTH = 100_000;

/** Words that people use to look for things, in the languages that Kept is tested in: they tell nothing. */
const COMMON = new Set(
  [
    'a an the and or of for in on at to with from by about how what when where which who why is are does do can vs versus',
    'latest current new news today official documentation docs guide tutorial example examples best practice practices',
    'release notes version changelog price prices cost comparison list overview definition meaning review reviews',
    'der die das und oder von für in im am an zu mit aus über wie was wann wo wer warum ist sind neu neue neueste aktuell heute',
    'anleitung beispiel preis preise kosten vergleich liste überblick bedeutung',
    'le la les un une des et ou de du pour en sur à avec par comment que quoi quand où qui pourquoi est sont nouveau actualité',
    'guide exemple prix coût comparaison liste définition',
    'el los las una y o del para con por cómo qué cuándo dónde quién es son nuevo noticias hoy ejemplo precio precios lista',
    'что как где когда кто почему и или в на по для с из о новости цена сегодня пример список',
  ].flatMap((line) => wordsOf(line)),
);

/** What words of these languages end in: `release` and `released` say the same. */
const ENDINGS = [
  ...['s', 'es', 'ies', 'y', 'e', 'ed', 'd', 'ing', 'er', 'ly', 'n', 'en', 'ern', 'em', 'x', 'aux'],
  ...['а', 'у', 'ы', 'и', 'е', 'о', 'я', 'ю', 'й', 'ь', 'ой', 'ом', 'ам', 'ах', 'ов', 'ей', 'ая', 'ые', 'ий', 'ого', 'ами'],
].flatMap((end) => wordsOf(end));
const MIN_STEM = 3;

/** What of a word stays the same in its forms, and the word itself. */
const stemsOf = (word: string): readonly string[] =>
  /^\p{L}+$/u.test(word)
    ? [word, ...ENDINGS.flatMap((end) => (word.endsWith(end) && word.length - end.length >= MIN_STEM ? [word.slice(0, -end.length)] : []))]
    : [word];

const formsOf = (token: string): readonly string[] => [token, ...wordsOf(token).flatMap(stemsOf)];

/** Signs of sentences. Pictures and the like are no signs: they say something. */
const SIGN = String.raw`[\p{P}$+<=>^\x60|~]`;
const AROUND = new RegExp(`^${SIGN}+|${SIGN}+$`, 'gu');
const SIGNS = new RegExp(SIGN, 'gu');
/** What can be written in many ways that look alike, by which something could be told. */
const ODD = new RegExp(String.raw`[${UNSEEN}]|[^\P{Cc}\n]|[^\P{Zs} ]|\s{2}`, 'u');
/** As people write a word, whatever it is: small, Capitalised or in CAPITALS. */
const hasUsualCase = (token: string): boolean => {
  const small = token.toLowerCase();
  const [first = ''] = token;
  return token === small || token === token.toUpperCase() || token === first + small.slice(first.length);
};
/** Signs that join letters to an address, a name of a file or the like: such a thing is said as a whole, or not. */
const JOINED = /[\p{L}\p{N}\p{M}][./\\@:=%?&#_~+$|^<>{}*]+[\p{L}\p{N}\p{M}]|:\/\//u;
/** Something else than letters, numbers and signs: a picture says something. */
const NO_WORD = /[^\p{L}\p{N}\p{M}\x21-\x7e\p{P}]/u;
/** A whole number without the signs between its thousands. */
const digitsOf = (token: string): string | undefined =>
  /^\d{1,3}(?:[.,'’]\d{3})+$|^\d+$/.test(token) ? token.replace(/[.,'’]/g, '') : undefined;
/** Scripts without spaces between words. */
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

export const makeSaidWords = (texts: readonly string[]): SaidWords => {
  const asSaid = withoutUnseen(texts.join('\n').slice(-MAX_SAID_LENGTH).normalize('NFKC'));
  const said = asSaid.toLowerCase();
  const tokens = tokensOf(said);
  const exact = new Set(tokensOf(asSaid));
  const whole = new Set(tokens);
  const numbers = new Set(tokens.flatMap((token) => digitsOf(token) ?? []));
  const words = new Set(wordsOf(said));
  const stems = new Set([...words].flatMap(stemsOf));
  const unspaced = said.replace(/\s+/g, '');
  let order: readonly ReadonlySet<string>[] | undefined;

  const isSaid = (word: string): boolean => words.has(word) || (!/\d/.test(word) && stemsOf(word).some((stem) => stems.has(stem)));

  /** The words of a token that nobody said; undefined where it can't be told word by word. */
  const unsaid = (written: string): readonly string[] | undefined => {
    const token = written.toLowerCase();
    if (!exact.has(written) && !hasUsualCase(written)) return undefined;
    if (whole.has(token) || numbers.has(digitsOf(token) ?? '')) return [];
    if (JOINED.test(token) || NO_WORD.test(token)) return undefined;
    if (UNSPACED.test(token)) return unspaced.includes(token) ? [] : undefined;
    return wordsOf(token.replace(/['’]s$/, '')).filter((word) => !isSaid(word));
  };

  /** How many of these stand elsewhere than they were said: each is looked for behind the one before. */
  const outOfOrder = (written: readonly string[]): number => {
    order ??= tokens.map((token) => new Set(formsOf(token)));
    let next = 0;
    let count = 0;
    for (const token of written) {
      const forms = formsOf(token);
      const at = order.findIndex((known, place) => place >= next && forms.some((form) => known.has(form)));
      if (at < 0) count++;
      else next = at + 1;
    }
    return count;
  };

  return {
    choices: (input, schema) => {
      const { texts, choices } = valuesOf(input, schema) ?? {};
      if (!texts || choices === undefined || texts.some(isOdd)) return undefined;
      const written = texts.flatMap(tokensOf);
      if (written.length > MAX_WORDS) return undefined;
      const left: string[] = [];
      const known: string[] = [];
      for (const token of written) {
        const words = unsaid(token);
        if (!words) return undefined;
        left.push(...words);
        if (words.length === 0) known.push(token.toLowerCase());
      }
      const isCommon =
        left.length <= MAX_COMMON && new Set(left).size === left.length && left.every((word) => COMMON.has(word) || isYear(word));
      return isCommon ? choices + left.length + outOfOrder(known) : undefined;
    },
  };
};

/** Whether the way in which a text is written could tell something beside its words. */
const isOdd = (text: string): boolean => text !== text.normalize('NFKC') || ODD.test(text) || (text.match(SIGNS) ?? []).length > MAX_SIGNS;

const isYear = (word: string): boolean => /^(?:19|20)\d\d$/.test(word);

/** What stands between spaces, without the signs around it. */
const tokensOf = (text: string): readonly string[] =>
  text.split(/\s+/).flatMap((part) => {
    const token = part.replace(AROUND, '');
    return token === '' ? [] : [token];
  });

/**
 * The texts of an input that are not the tool's own, and how many of its values are chosen freely; undefined where
 * there is too much, or what is no text.
 */
const valuesOf = (input: unknown, schema: unknown): { readonly texts: readonly string[]; readonly choices: number } | undefined => {
  const texts: string[] = [];
  const waiting: { readonly value: unknown; readonly schema: unknown }[] = [{ value: input, schema }];
  let count = 0;
  let choices = 0;
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    if (++count > MAX_VALUES) return undefined;
    const { value } = next;
    if (value === null || value === undefined) continue;
    if (typeof value === 'boolean' || isChoice(value, next.schema)) choices++;
    else if (typeof value === 'string') texts.push(value);
    else if (typeof value === 'number') {
      if (!Number.isInteger(value) || value < 0 || value > MAX_COUNT) texts.push(String(value));
      else choices++;
    } else if (Array.isArray(value))
      for (const item of value.toReversed()) waiting.push({ value: item, schema: partOf(next.schema, 'items') });
    else if (typeof value === 'object')
      for (const [name, item] of Object.entries(value).toReversed()) {
        const own = partOf(partOf(next.schema, 'properties'), name);
        if (own === undefined) texts.push(name);
        waiting.push({ value: item, schema: own });
      }
    else return undefined;
  }
  return { texts, choices };
};

const partOf = (schema: unknown, name: string): unknown =>
  typeof schema === 'object' && schema !== null && Object.hasOwn(schema, name)
    ? (schema as Readonly<Record<string, unknown>>)[name]
    : undefined;

const MAX_CHOICES = 50;

/** Whether the tool itself gives that to choose from. */
const isChoice = (value: unknown, schema: unknown): boolean => {
  const choices = partOf(schema, 'enum');
  return (Array.isArray(choices) && choices.length <= MAX_CHOICES && choices.includes(value)) || partOf(schema, 'const') === value;
};
