import { withoutUnseen } from '../shared/look-alike.ts';

/** A sentence, or a line that ends without a full stop. */
export interface Sentence {
  /** Where it stands in the text, without the spaces, the bullet and the marks of emphasis around it (UTF-16 units). */
  readonly start: number;
  readonly end: number;
  /** Its words as phrases are looked for in them: see `fold`. */
  readonly words: string;
}

/**
 * Lower case, without accents, emphasis and what is not seen, in plain letters, with plain apostrophes and single
 * spaces.
 */
export const fold = (text: string): string => (PLAIN.test(text) ? foldPlain(text) : foldPlain(inPlainLetters(text)));

/** What has nothing but ASCII's visible characters and spaces needs less. */
const PLAIN = /^[\x20-\x7e]*$/;

const foldPlain = (text: string): string => text.toLowerCase().replace(/[*_~]/g, '').replace(/\s+/g, ' ');

const inPlainLetters = (text: string): string =>
  withoutUnseen(text)
    .replace(/[’‘ʼ´]/g, "'")
    .replaceAll('…', '.')
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '');

/**
 * Spaces, bullets, numbers of a list, signs of a heading, and marks of emphasis. It always matches, so that nothing is
 * read twice.
 */
const LEAD = /^[\s*_)\]•+-]*(?:\d{1,3}[.)]\s+|#{1,6}\s+)?[\s*_]*/;

/**
 * What the writer says in their own words, sentence by sentence: code, quotations, and drafts that are written for
 * somebody else stand in none. In time linear in the text.
 */
export const sentencesOf = (text: string): readonly Sentence[] => {
  const own = withoutQuotations(text);
  const sentences: Sentence[] = [];
  let from = 0;
  const take = (to: number): void => {
    const start = from + (LEAD.exec(own.slice(from, to))?.[0].length ?? 0);
    const said = own.slice(start, to);
    const words = fold(said).replace(LEAD, '').trim();
    if (/[\p{L}\p{N}]/u.test(words)) sentences.push({ start, end: start + said.trimEnd().length, words });
    from = to;
  };
  // None ends at the dot of `no. 9`. One character at a time: a run of full stops would else be read again from each of
  // them.
  for (const { index } of own.matchAll(/(?<!\b(?:no|nr|num)(?=\. \d))[.!?…](?=[\s*_)\]]|$)|[。！？]|\n/gi)) take(index + 1);
  take(own.length);
  return sentences;
};

/** Stands for what is quoted: neither a letter nor a space. */
const MASK = '\uFFFC';
const mask = (quoted: string): string => quoted.replace(/[^\n]/g, MASK);
/** A sentence may end with a quotation. */
const maskQuotation = (quoted: string): string => (/[.!?…].$/u.test(quoted) ? `${mask(quoted.slice(0, -1))}.` : mask(quoted));

const withoutQuotations = (text: string): string =>
  withoutBlocks(text)
    .replace(/`[^`\n]*`/g, mask)
    // None begins a second time before it ends, so that nothing is read twice.
    .replace(/“[^“”]{0,4000}”|„[^„“”]{0,4000}[“”]|«[^«»]{0,4000}»|"[^"\n]{0,4000}"/g, maskQuotation)
    .replace(/(?<![\p{L}\p{N}])['‘](?=\S)(?:[^'’‘\n]|['’](?=[\p{L}\p{N}])){0,400}['’](?![\p{L}\p{N}])/gu, mask);

/** `Here is a draft:` and the like: what follows is written for somebody else, up to a rule or the end. */
const INTRODUCES_DRAFT =
  /(?:draft|template|e-?mail|message|reply|letter|translat|wording|you (?:can|could|might) (?:say|write|post)|entwurf|vorlage|ubersetz|antwort|nachricht|brouillon|modele|traduc|mensaje|correo|borrador|plantilla|rascunho|mensagem|modelo|bozza|messaggio|traduzion|risposta|чернов|шаблон|перевод|письм|сообщени)[^:]{0,80}:$/;

/** Without code between fences, quoted lines, and drafts. */
const withoutBlocks = (text: string): string => {
  let fence: string | undefined;
  let draft = false;
  return text
    .split('\n')
    .map((line) => {
      const ticks = /^\s{0,12}(`{3,}|~{3,})/.exec(line)?.[1];
      if (fence !== undefined) {
        if (ticks?.startsWith(fence) && line.trim() === ticks) fence = undefined;
        return mask(line);
      }
      if (ticks !== undefined) fence = ticks;
      else if (/^\s{0,3}(?:-{3,}|\*{3,}|_{3,})\s*$/.test(line)) draft = false;
      if (fence !== undefined || draft || /^\s{0,12}>/.test(line)) return mask(line);
      draft = INTRODUCES_DRAFT.test(fold(line.slice(-200)).trim());
      return line;
    })
    .join('\n');
};

const COURTESY =
  /^(?:(?:ok(?:ay)?|sure|of course|certainly|yes|no|no problem|got it|alright|great|hello|hi|hey|thanks?|thank you|please|(?:i'm |i am |we're )?(?:very |so |really )?sorry|(?:i|we|my) apologi[sz]e?s?|apologies|unfortunately|entschuldigung|tut mir leid|leider|naturlich|klar|gerne?|desole|pardon|lo siento|claro|vale|desculpe|mi dispiace|certo|извините|хорошо)(?: for (?:that|this|the [a-z]+))?(?:[,.!…]|$| )*)+$/;

/** Whether a sentence, as `Sentence.words` gives it, is a courtesy alone. */
export const isCourtesy = (words: string): boolean => words.length < 80 && COURTESY.test(words);

/** Matches a text with code, a table or a quotation: something to show. */
export const SHOWS_MATERIAL = /```|~~~|^\s*[|>]/m;
