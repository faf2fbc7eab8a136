import type { Deed } from './deed.ts';
import { DEED_LANGUAGES } from './deed-languages.ts';
import { type DeedPhrases, deedsNamed } from './deed-phrases.ts';

/** Some part of it stands in every claim of a look. */
export const MAY_LOOK =
  /calend|kalend|agenda|inbox|mail|datenbank|postf|postein|boite|base|bandeja|correo|crm|jira|slack|track|schedul|account|queried|web|internet|online|goog|net|rete|notion|search|such|recherch|busqu|busc|pesquis|ricerc|page|site|link|url|seite|pagin|página|enlace|lien|articl|artik|artíc|artig|file|cod|repo|direct|datei|fichier|archiv|folder|workspace|proje[ck]t|ordner|verzeich|quell|depot|dossier|repert|carpet|fich|past|cartell|интернет|сет|гугл|погугл|поиск|онлаин|веб|страниц|саит|ссылк|стат|фаил|папк|код|репоз|каталог|en linea|en línea|en ligne|browsed|rede/u;

/** Up to five words that do not deny. */
const GAP = "(?:(?!(?:not|never|nicht|nie|kein|keine|pas|ne|no|nao|non|не) )[\\p{L}\\p{N}'-]{1,30} ){0,5}";

const START = '(?<![\\p{L}\\p{N}#-])';
const END = '(?![\\p{L}\\p{N}])';

const sourceOf = (phrase: string, { keepsAccents }: DeedPhrases): string =>
  (keepsAccents ? phrase.normalize('NFC') : phrase.normalize('NFD').replace(/\p{M}+/gu, '')).replaceAll('…', GAP);

/** What is sent: no thing outside of the answer while it is written. */
const SENDABLE =
  'e-?mails?|mails?|messages?|payments?|nachricht(?:en)?|zahlung|courriels?|paiement|correos?|mensajes?|pago|mensage(?:m|ns)|messaggi[o]?|письм\\p{L}*|сообщени\\p{L}*|invitations?';

const patternsOf = (language: DeedPhrases) => {
  const source = (phrase: string): string => sourceOf(phrase, language);
  const whole = (phrase: string): RegExp => new RegExp(`${START}(?:${source(phrase)})${END}`, 'u');
  const before = (phrase: string): RegExp => new RegExp(`(?:${source(phrase)})$`, 'u');
  const groups = [
    ...Object.entries(language.verbs).map(([names, forms]) => ({ names, forms, isWeak: false })),
    ...Object.entries(language.weakVerbs).map(([names, forms]) => ({ names, forms, isWeak: true })),
  ];
  const lead = `(?:${language.adverbs}) `;
  return {
    language,
    signs: whole(language.signs),
    /** Each group of verbs has a pair of brackets of its own, numbered from 1. */
    groups: groups.map(({ names, isWeak }) => ({ deeds: deedsNamed(names) as readonly Deed[], isWeak })),
    verb: new RegExp(`${START}(?:${groups.map(({ forms }) => `(${source(forms).replace(/\((?!\?)/g, '(?:')})`).join('|')})${END}`, 'gu'),
    doer: before(language.verbLast ? `${source(language.doer)}(?:[^ :;]{1,40} ){0,16}` : `${source(language.doer)}(?:${lead}){0,3}`),
    ...(language.ownForms === undefined ? {} : { ownForms: new RegExp(`^(?:${source(language.ownForms)})$`, 'u') }),
    ...(language.otherLanguage === undefined ? {} : { otherLanguage: whole(language.otherLanguage) }),
    ...(language.doneForms === undefined ? {} : { doneForms: new RegExp(`^(?:${source(language.doneForms)})$`, 'u') }),
    passive: before(
      language.verbLast ? `${START}(?:${language.passive})(?:[^ :;]{1,40} ){0,12}` : `${START}(?:${language.passive})(?:${lead}){0,3}`,
    ),
    state: before(
      language.verbLast ? `${START}(?:${language.state})(?:[^ :;]{1,40} ){0,8}` : `${START}(?:${language.state})(?:${lead}){0,3}`,
    ),
    yours: whole(language.yours),
    known: new RegExp(`^ ?(?:${source(language.pronouns)}|it) $`, 'u'),
    indefinite: new RegExp(`^ ?(?:${source(language.indefinite)}) `, 'u'),
    now: whole(language.now),
    further: before(`(?:${language.and}) (?:${lead}){0,3}`),
    shortly: new RegExp(`^(?:${source(language.shortly)}) (?:${lead}){0,2}$`, 'u'),
    things: whole(language.things),
    placed: new RegExp(
      `${START}(?:${source(language.places)}) …?(?:${source(language.things)})${END}`.replace('…?', "(?:[\\p{L}\\p{N}'-]{1,30} ){0,3}"),
      'u',
    ),
    ideas: whole(language.ideas),
    placedInIdeas: new RegExp(
      `${START}(?:${source(language.places)}) (?:[\\p{L}\\p{N}'-]{1,30} ){0,2}(?:${source(language.ideas)})${END}`,
      'u',
    ),
    pronouns: language.verbLast
      ? new RegExp(`${START}(?:${source(language.pronouns)})(?: (?:${source(language.adverbs)}))* $`, 'u')
      : new RegExp(`^(?:(?:${source(language.pronouns)})${END}|[.,;:!]|$)`, 'u'),
    head: new RegExp(` (?:${source(language.prepositions)})${END}|[,;:.()–—]`, 'u'),
    inAnswer: whole(language.inAnswer),
    isOut: whole(language.isOut),
    /** `Ticket created`, `Your order TR-7 placed`. */
    titled: new RegExp(
      `^¡?(?:\\p{L}{1,10}[,.:!]+ )?(?:(?:the|your|der|die|das|dein|deine|le|la|votre|el|tu|su|o|a|il) )?(?:${source(language.things)}|${SENDABLE})(?: #?\\p{L}{0,6}-?\\d{1,9})? $`,
      'u',
    ),
    sendable: new RegExp(`${START}(?:${SENDABLE})${END}`, 'u'),
    unless: whole(language.unless),
    denial: whole(language.denial),
    byOthers: whole(language.byOthers),
    retold: whole(language.retold),
    asksWhether: new RegExp(`${START}(?:${source(language.asksWhether)})`, 'u'),
    looks: Object.entries(language.looks).map(([deed, phrases = []]) => ({ deed: deed as Deed, pattern: whole(phrases.join('|')) })),
  };
};

export type DeedPatterns = ReturnType<typeof patternsOf>;

const makeAll = () => DEED_LANGUAGES.map(patternsOf);

let made: ReturnType<typeof makeAll> | undefined;

/** What a claim of a deed is known by. Made when it is first asked for. */
export const deedPatterns = (): ReturnType<typeof makeAll> => {
  made ??= makeAll();
  return made;
};
