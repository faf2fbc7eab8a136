import { isCourtesy, type Sentence, SHOWS_MATERIAL, sentencesOf } from './prose.ts';

/** Longer answers have something to say. */
const MAX_LENGTH = 1_500;

/** `I could not find any` tells what a search has found: a result. */
const NO_RESULT_VERB = '(?! (?:find|see|spot|detect|identify|locate|recommend|reproduce|confirm|think|say|agree|help but))';

const PHRASES: readonly string[] = [
  // English
  `(?:i|we) (?:(?:could not|couldn't|can't|cannot|can not)|(?:am|was|are|were|'m|'re|am|wasn't|weren't|am not|was not|are not|aren't|were not|'m not|'re not) (?:un)?able to|failed to)${NO_RESULT_VERB}`,
  "(?:i|we)(?:'m|'re| am| are) (?:not able|unable)",
  "(?:i|we) (?:(?:do not|don't|did not|didn't) (?:have|do|get|manage|succeed|complete|finish|understand|know how)|have (?:no|not done|done nothing|neither)|haven't|have not|did nothing|lack|had no)",
  `(?:it|this|that|the (?:task|file|work|request|tool)|nothing) (?:(?:could|can) (?:not )?be|couldn't be|can't be|cannot be|was|is) (?:done|completed|read|opened|carried out|performed|possible|not possible|not done|not there|not available|unavailable|missing|impossible)`,
  "nothing (?:was|has been|could be) (?:done|changed|made)|(?:does not|doesn't) exist|no such (?:file|tool|directory)|^unable to|^(?:i |we )?failed to|there is no (?:such )?(?:tool|file|way)|(?:is|was) beyond (?:my|what)|not (?:possible|available) (?:for me|here)",
  // German
  `(?:ich|wir) (?:konnte|konnten|kann|konnen|habe|haben) (?:(?:[\\p{L}-]+) ){0,6}(?:nicht|nichts|kein|keine|keinen|keinerlei)(?! gefunden)|nicht moglich|nichts (?:getan|gemacht|erledigt)|ist fehlgeschlagen|existiert nicht`,
  // French
  "je (?:n'ai (?:rien (?:fait|pu)|pas (?:pu|reussi|acces|d'outil))|ne peux pas|n'arrive pas|ne suis pas (?:en mesure|capable))|n'existe pas|impossible (?:de|d')|rien n'a (?:ete fait|pu)",
  // Spanish
  '(?:no (?:he podido|pude|puedo|tengo (?:acceso|herramienta|manera)|hice nada|fue posible|es posible|existe|logre))|nada (?:se hizo|fue hecho)',
  // Portuguese
  'nao (?:consegui|pude|posso|tenho (?:acceso|acesso|ferramenta|como)|fiz nada|foi possivel|e possivel|existe)|nada foi feito',
  // Italian
  'non (?:ho (?:potuto|fatto nulla|fatto niente|accesso)|posso|sono riuscit[oa]|riesco|e (?:stato )?possibile|esiste)|nulla e stato fatto',
  // Russian
  '(?:я )?не (?:смог(?:ла)?|могу|удалось|получилось|существует|сделал(?:а)?)|ничего не (?:сделан[оа]|сделал(?:а)?|вышло)|невозможно',
];

const INABILITY = new RegExp(`(?<![\\p{L}\\p{N}'])(?:${PHRASES.join('|').replace(/\^/g, '(?<=^)')})(?![\\p{L}\\p{N}])`, 'u');

/** What people are asked to do about it: no result either. */
const REQUEST =
  /\?$|^(?:please |kindly |you (?:can|could|may|might) |let me know|feel free|if you |try |bitte |s'il |por favor|per favore|пожалуйста)/;

/**
 * Whether an answer says that its work was not done, and nothing else: each of its sentences is that, a courtesy, or a
 * request. What was looked for and not found is a result. Knows the languages of the promise gate, and would rather
 * miss one than take a result for a failure.
 */
export const saysOnlyThatItCouldNot = (text: string): boolean => {
  if (text.length > MAX_LENGTH || SHOWS_MATERIAL.test(text)) return false;
  const sentences = sentencesOf(text).filter(({ words }) => !isCourtesy(words));
  // Behind a `but` stands what was done nonetheless.
  const isInability = ({ words }: Sentence): boolean => {
    const found = INABILITY.exec(words);
    return found !== null && !/(?:^|[,;–-] )(?:but|aber|mais|pero|mas|ma|но) /.test(words.slice(found.index));
  };
  return sentences.some(isInability) && sentences.every((sentence) => isInability(sentence) || REQUEST.test(sentence.words));
};

const DONE =
  /^(?:(?:and |it(?:'s| is) |that(?:'s| is) |i(?:'m| am) |all |the |your |this )*(?:task |work |job |promise |request )?(?:(?:is|was|has been) )?(?:now )?(?:done|finished|complete|completed|ready|kept|fertig|erledigt|fait|termine|hecho|listo|feito|pronto|fatto|готово)(?: as (?:you )?(?:asked|requested))?) ?[.!]*$/;

/**
 * Whether an answer is made of courtesies and `Done.` alone, which is no result where nothing was done. `Yes.` answers
 * a question.
 */
export const saysNothing = (text: string): boolean => {
  if (text.length > MAX_LENGTH || SHOWS_MATERIAL.test(text)) return false;
  const sentences = sentencesOf(text);
  return (
    sentences.length > 0 && sentences.every(({ words }) => (isCourtesy(words) && !/^(?:yes|no)(?![a-z])/.test(words)) || DONE.test(words))
  );
};
