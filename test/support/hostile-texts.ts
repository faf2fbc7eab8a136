/**
 * Texts that are cheap to write and dear to read: each is the worst case of some scanner. A function that reads texts
 * from anywhere is tried with all of them (see `slowTexts`).
 */

/** Makes a text of about this many UTF-16 units. */
export type HostileText = (length: number) => string;

const repeat =
  (piece: string): HostileText =>
  (length) =>
    piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

/** Pieces that grow: all of them together are about `length` long. */
const growing =
  (piece: (n: number) => string): HostileText =>
  (length) => {
    const pieces: string[] = [];
    for (let n = 1, made = 0; made < length; n++) {
      const next = piece(n);
      pieces.push(next);
      made += next.length;
    }
    return pieces.join('').slice(0, length);
  };

/** A head, then the piece to the end. */
const after =
  (head: string, piece: string): HostileText =>
  (length) =>
    (head + repeat(piece)(length)).slice(0, length);

/** Openers to the middle, closers from there. */
const nested =
  (open: string, close: string, middle = 'a'): HostileText =>
  (length) => {
    const depth = Math.floor(length / (open.length + close.length));
    return open.repeat(depth) + middle + close.repeat(depth);
  };

const word = 'The quick brown fox jumps over the lazy dog. ';
export const plainText: HostileText = repeat(`${word.repeat(4)}\n\n`);

export const HOSTILE_TEXTS: Readonly<Record<string, HostileText>> = {
  'backtick runs of growing lengths': growing((n) => `${'`'.repeat(n)}a`),
  'backtick runs of growing lengths, a line each': growing((n) => `${'`'.repeat(n)}a\n`),
  'backtick runs of shrinking lengths': (length) => [...growing((n) => `a${'`'.repeat(n)}`)(length)].reverse().join(''),
  'backticks alone': repeat('`'),
  'single backticks and letters': repeat('`a'),
  'escaped backticks': repeat('\\`a'),
  'links one behind the other': repeat('[a](b)'),
  'web links one behind the other': repeat('[a](https://a.example/b) '),
  'links whose text is an address': repeat('[https://a.example](https://b.example) '),
  'links without an end': repeat('[a](b'),
  'links with a title without an end': repeat('[a](b "'),
  'links with an angle bracket without an end': repeat('[a](<b'),
  'labels without addresses': repeat('[a] '),
  'opening brackets': repeat('['),
  'closing brackets': repeat(']'),
  'opening brackets, then closing ones': nested('[', ']'),
  'links within links': nested('[', '](b)'),
  'images within images': nested('![', '](b)'),
  'images one behind the other': repeat('![a](https://a.example/b.png)'),
  'openings of images': repeat('!['),
  'exclamation marks': repeat('!'),
  'round brackets': repeat('('),
  'an address of round brackets': after('[a](', '('),
  'addresses of nested brackets': repeat('[a](((((b)))))'),
  'references without a definition': repeat('[a][b]'),
  'definitions of references': growing((n) => `[a${n}]: b\n`),
  'asterisks with a letter and a blank': repeat('*a '),
  asterisks: repeat('*'),
  'asterisks with letters': repeat('*a'),
  'double asterisks with letters': repeat('**a'),
  'double asterisks with letters and blanks': repeat('**a '),
  'double and single asterisks by turns': repeat('**a *b '),
  'emphasis of three kinds by turns': repeat('*_a ~~b '),
  'asterisks that close and never open': repeat('a* '),
  'asterisks and underscores that never match': repeat('*a_ '),
  'emphasis within emphasis': nested('*a ', ' a*'),
  'strong emphasis within strong emphasis': nested('**a ', ' a**'),
  'runs of asterisks of growing lengths': growing((n) => `a${'*'.repeat(n)}`),
  underscores: repeat('_'),
  'underscores with letters': repeat('_a'),
  'underscores with letters and blanks': repeat('_a '),
  tildes: repeat('~'),
  'double tildes with letters': repeat('~~a'),
  'double tildes with letters and blanks': repeat('~~a '),
  spoilers: repeat('||a|| '),
  'spoilers that only open': repeat('||a '),
  'spoilers across emphasis': repeat('||*a*|| '),
  'less-than signs': repeat('<'),
  'less-than signs with letters': repeat('<a '),
  'angle brackets around addresses': repeat('<https://a.example>'),
  'comments that only open': repeat('<!--'),
  'tags with attributes without an end': repeat('<a b="'),
  'line break tags': repeat('<br'),
  'quotes in one line': repeat('>'),
  'quotes in one line, with blanks': repeat('> '),
  'quotes of growing depth': growing((n) => `${'>'.repeat(n)} a\n`),
  'quotes with lazy lines': repeat('> a\nb\n'),
  'one quote of many lines': repeat('> a\n'),
  'a quote that ends and begins': repeat('> a\n\n'),
  'lists of growing indent': growing((n) => `${'  '.repeat(n)}- a\n`),
  'lists of growing and falling indent': repeat('- a\n  - b\n    - c\n      - d\n'),
  'numbered lists of growing indent': growing((n) => `${'   '.repeat(n)}1. a\n`),
  'bullets in one line': repeat('- '),
  'bullets and numbers in one line': repeat('1. - '),
  'bullets and quotes in one line': repeat('- > '),
  'bullets a line each': repeat('- a\n'),
  'empty bullets': repeat('-\n'),
  'kinds of bullets by turns': repeat('- a\n* b\n+ c\n'),
  'numbers a line each': repeat('1. a\n'),
  'a list with far apart items': repeat('- a\n\n\n\n'),
  'a bullet and then blank lines': after('- a', '\n'),
  'a bullet and then lines': after('- a\n', 'b\n'),
  'task boxes': repeat('- [ ] a\n'),
  dashes: repeat('-'),
  'dashes and blanks': repeat('- - '),
  rules: repeat('---\n'),
  'lines of dashes below lines': repeat('a\n---\n'),
  headings: repeat('# a\n'),
  'number signs': repeat('#'),
  'a heading with number signs behind': after('# a ', '#'),
  'a heading with blanks behind': after('# a', ' '),
  'a heading with number signs and blanks behind': after('# a', ' #'),
  pipes: repeat('|'),
  'pipes and blanks': repeat('| '),
  'a table of one wide row': (length) => {
    const columns = Math.floor(length / 8);
    return `${'|a'.repeat(columns)}|\n${'|-'.repeat(columns)}|\n${'|b'.repeat(columns)}|\n`;
  },
  'a wide head above many short rows': (length) => {
    const columns = Math.floor(length / 10);
    return `${'|a'.repeat(columns)}|\n${'|-'.repeat(columns)}|\n${repeat('|b|\n')(length / 2)}`;
  },
  'a table of many rows': after('|a|b|\n|-|-|\n', '|c|d|\n'),
  'tables one behind the other': repeat('|a|\n|-|\n\n'),
  'heads of tables': repeat('|a|\n|-|\n'),
  'escaped pipes': after('|a|\n|-|\n', '\\|'),
  'lines of dashes and pipes': repeat('|-|-|\n'),
  'lines of dashes, colons and pipes in one': repeat(':-|'),
  'a cell of emoji': after('|a|\n|-|\n|', '👩‍👩‍👧‍👦'),
  backslashes: repeat('\\'),
  'backslashes at line ends': repeat('a\\\n'),
  'backslashes before brackets': repeat('\\[a\\]('),
  ampersands: repeat('&'),
  entities: repeat('&amp;'),
  'entities without an end': repeat('&#x'),
  'a long entity': after('&', 'a'),
  'one long word': repeat('a'),
  'one long number': repeat('1'),
  'one long word of many scripts': repeat('aбγ漢あ한'),
  blanks: repeat(' '),
  'a word and then blanks': after('a', ' '),
  'blanks between words': (length) => `${' '.repeat(length / 2)}a${' '.repeat(length / 2)}`,
  'blanks of growing width between words': growing((n) => `a${' '.repeat(n)}`),
  'blanks of growing width and line ends': growing((n) => `a${' '.repeat(n)}\n`),
  tabs: repeat('\t'),
  'line ends': repeat('\n'),
  'carriage returns': repeat('\r'),
  'lines of one letter': repeat('a\n'),
  'lines of blanks': repeat('    \n'),
  'indented code': repeat('    a\n'),
  'indented code and blank lines': repeat('    a\n\n'),
  'beginnings of addresses': repeat('http://'),
  'beginnings of addresses without slashes': repeat('http:'),
  addresses: repeat('https://a.example/b '),
  'one long address': after('https://a.example/', 'a'),
  'one long address of dots': after('https://a.example/', '.'),
  'one long address of closing brackets': after('https://a.example/', ')'),
  'one long address of opening and closing brackets': after('https://a.example/', '()'),
  'dots and letters': repeat('a.'),
  'www without an end': repeat('www.'),
  'at signs': repeat('a@'),
  'mail addresses': repeat('a@b.example '),
  colons: repeat(':'),
  slashes: repeat('/'),
  dots: repeat('.'),
  'quotation marks': repeat('"'),
  apostrophes: repeat("'"),
  'curly brackets': repeat('{'),
  'equals signs': repeat('='),
  'key and value': repeat('password=a '),
  'key without a value': repeat('api_key='),
  base64: repeat('QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo'),
  'base64 in lines': repeat('QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY3ODkw\n'),
  'heads of private keys': repeat(`-----BEGIN ${'RSA PRIVATE'} KEY-----\n`),
  'dashes and the word BEGIN': repeat('-----BEGIN '),
  'hexadecimal digits': repeat('0123456789abcdef'),
  'dots between base64': repeat('eyJhbGciOiJIUzI1NiJ9.'),
  'zero-width spaces': repeat('\u200b'),
  'zero-width spaces between letters': repeat('a\u200b'),
  'marks of direction': repeat('\u202e'),
  'combining characters': after('a', '\u0301'),
  'letters with combining characters': repeat('a\u0301\u0302\u0303'),
  'blanks with combining characters': repeat(' \u0301'),
  'emoji joined without an end': repeat('👩\u200d'),
  flags: repeat('🇩🇪'),
  'regional indicators of an odd count': after('a', '🇩'),
  'surrogate pairs': repeat('😀'),
  'lone high surrogates': repeat('\ud83d'),
  'lone low surrogates': repeat('\ude00'),
  'null characters': repeat('\0'),
  'escape sequences': repeat('\u001b[31m'),
  'escape sequences without an end': repeat('\u001b]8;;'),
  'control characters': repeat('\u0007\u0008'),
  'a fence that is never closed': after('```ts\n', 'a\n'),
  'a fence of one long line': after('```\n', 'a'),
  'fences that open and close': repeat('```\na\n```\n'),
  'openings of fences in lists': repeat('- ```\n'),
  'openings of fences of growing length': growing((n) => `${'`'.repeat(n + 2)}\n`),
  'openings of fences of tildes': repeat('~~~a~\n'),
  'a fence with an endless language': after('```', 'a'),
  'fences by turns': repeat('```\n~~~\n'),
  'lines that promise': repeat('I will let you know.\n'),
  'words that promise': repeat("I'll do it in the background and let you know. "),
  'the word I': repeat('I '),
  'the word will': repeat('will '),
  'the words I will': repeat('I will '),
  'the words I will let you know': repeat('i will let you know when '),
  'the word promise and numbers': repeat('promise #1 '),
  'number signs and digits': repeat('#1'),
  'the words in the background': repeat('in the background '),
  'words and commas': repeat('then, '),
  'the word and': repeat(' and then'),
  'words of a search': repeat('search for a in b '),
  'the words every day at': repeat('every day at 9am '),
  'sentences without an end': repeat('it will be done as soon as '),
  'full stops and blanks': repeat('. '),
  'ideographic full stops': repeat('。'),
  'sentence ends within quotes': repeat('."'),
};

/**
 * How much longer than a plain text of the same length a hostile one may take unless told, and what the least plain
 * text is taken for.
 */
const MAX_RATIO = 50;
const LEAST_MS = 1;
const MAX_TRIES = 5;

/** Further texts for `slowTexts`: each of these pieces, repeated. */
export const repeated = (pieces: readonly string[]): Readonly<Record<string, HostileText>> =>
  Object.fromEntries(pieces.map((piece) => [JSON.stringify(piece), repeat(piece)]));

/** The hostile texts that `run` takes too long for, with their times: none, where it is fit for texts from anywhere. */
export const slowTexts = (
  run: (text: string) => unknown,
  length: number,
  {
    maxRatio = MAX_RATIO,
    texts = HOSTILE_TEXTS,
  }: { readonly maxRatio?: number; readonly texts?: Readonly<Record<string, HostileText>> } = {},
): string[] => {
  const plain = plainText(length);
  const limitNow = (): number =>
    maxRatio *
    Math.max(
      LEAST_MS,
      timeOf(() => run(plain)),
    );
  limitNow();
  let limit = limitNow();
  return Object.entries(texts).flatMap(([title, make]) => {
    const text = make(length);
    // Other work of the machine may hold up a try; a scanner that is slow is so each time.
    for (let i = 1; ; i++) {
      const took = timeOf(() => run(text));
      if (took <= limit) return [];
      if (i === MAX_TRIES) return [`${title}: ${Math.round(took)} ms, at most ${Math.round(limit)} ms`];
      limit = Math.max(limit, limitNow());
    }
  });
};

const timeOf = (run: () => unknown): number => {
  const from = performance.now();
  run();
  return performance.now() - from;
};
