import { type ClaimPhrases, LANGUAGES } from './claim-phrases.ts';

/** Up to five words that do not deny. */
const GAP = "(?:(?!(?:not|never|nicht|nie|kein|keine|pas|ne|no|nao|non|не) )[\\p{L}\\p{N}'-]{1,30} ){0,5}";

const wholeWords = (phrases: readonly string[], notAfter?: string): RegExp => {
  const source = phrases
    .join('|')
    .normalize('NFD')
    .replace(/\p{M}+/gu, '')
    .replaceAll('…', GAP);
  return new RegExp(`(?<![\\p{L}\\p{N}'])${notAfter === undefined ? '' : `(?<!(?:${notAfter}) )`}(?:${source})(?![\\p{L}\\p{N}])`, 'u');
};

/** `#1, #2 and #3`. */
const NUMBERS = '#\\d{1,15}(?:(?:,? (?:and|und|et|y|e|и|&))? #\\d{1,15}|, ?#\\d{1,15}){0,20}';

const SAYS_MORE = ' (?:is|was|will|has|runs|lauft|ist|wird)';
/** What may stand between a name and its number: `no. 9`, `n° 9`, `№ 9`, `id: 9`, `# 9`, `is #9`, `(#9`. */
const TO_NUMBER = '(?: is| are)?[ :(]{1,3}(?:(?:number|numero|nummer|num|no|nr|n|n\\.o|id|номер)[.:°]{0,2} ?#?|# ?)';
const NAMES = LANGUAGES.flatMap(({ promise, schedule }) => [promise, schedule]).join('|');

const lexiconOf = (language: ClaimPhrases) => {
  const claiming = (phrases: readonly string[]): RegExp => wholeWords(phrases, language.denial);
  return {
    language,
    always: claiming(language.always),
    work: claiming(language.work),
    last: claiming(language.last),
    unless: wholeWords(language.unless),
    denial: wholeWords([language.denial]),
    ended: wholeWords([language.ended]),
    // `promises #1, #2 and #3`; a bare number only where a verb or the end shows that it is one.
    schedule: new RegExp(`(?<![\\p{L}\\p{N}])${language.schedule} (?:${NUMBERS}|\\d{1,15}(?=${SAYS_MORE}))`, 'gu'),
    promise: new RegExp(`(?<![\\p{L}\\p{N}])${language.promise} (?:${NUMBERS}|\\d{1,15}(?=${SAYS_MORE}|$|[.:]))`, 'gu'),
  };
};

const makePatterns = () => ({
  lexica: LANGUAGES.map(lexiconOf),
  /** Matches wherever a phrase of a claim may: one look at a sentence in place of three for each language. */
  claimable: wholeWords(LANGUAGES.flatMap(({ always, work, last }) => [...always, ...work, ...last])),
  /** Matches wherever a promise or a schedule may be named by its number. */
  nameable: new RegExp(`(?:${NAMES}) #?\\d`, 'u'),
  /** A name, and its number in other ways than behind a `#`. */
  numbered: new RegExp(`(${NAMES})${TO_NUMBER}(?=\\d)`, 'gu'),
});

let made: ReturnType<typeof makePatterns> | undefined;

/** What a claim is known by. Made when it is first asked for: that takes longer than many a command does. */
export const claimPatterns = (): ReturnType<typeof makePatterns> => {
  made ??= makePatterns();
  return made;
};
