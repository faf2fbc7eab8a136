import { UNSEEN } from '../shared/look-alike.ts';
import { squeezedBeginning, squeezedForms, writtenForms } from './known-values.ts';
import type { FindSecrets } from './redactor.ts';
import { withoutSpans } from './spans.ts';

/**
 * What a secret is written with, and what may hide in it, also half of that: the last such run of a growing text may go
 * on.
 */
const OF_SECRETS = new RegExp(String.raw`[!-~\uff01-\uff5e${UNSEEN}\p{Mn}\ud800-\udbff]`, 'u');
/** What is a secret of several words up to the end of its line. */
const OF_WORDS = /\b(?:app[ -]password|(?:seed|recovery|backup|mnemonic)(?: (?:phrase|words|code))?)["']?\s{0,4}(?:is|:|=)[^\n]{0,300}$/i;
const LONGEST_OF_WORDS = 400;
const OF_ONE_RUN = /^[!-~]+$/;

/**
 * Makes a redactor for a text that still grows. It holds back the end of the text where a secret may begin: the last
 * word, which may not be whole yet, and the first words of a known value that has several.
 */
export const makeGrowingRedactor = (secrets: readonly string[], find: FindSecrets): ((text: string) => string) => {
  const ofSeveralWords = writtenForms(secrets).filter((form) => !OF_ONE_RUN.test(form));
  const squeezed = squeezedForms(secrets);
  return (text) => {
    const run = lengthOfRun(text);
    const words = OF_WORDS.exec(text.slice(-LONGEST_OF_WORDS))?.[0].length ?? 0;
    const begun = Math.max(words, squeezedBeginning(squeezed, text), ...ofSeveralWords.map((form) => lengthOfBeginning(form, text)));
    const block = text.lastIndexOf('-----BEGIN ');
    const end = Math.min(text.length - Math.max(run, begun), block < 0 || text.includes('\n', block) ? text.length : block);
    return withoutSpans(text, find(text), undefined, { end });
  };
};

/** How many units at the end of the text are of secrets. */
const lengthOfRun = (text: string): number => {
  let start = text.length;
  while (start > 0) {
    const from = start - (/[\udc00-\udfff]/.test(text.charAt(start - 1)) && start > 1 ? 2 : 1);
    if (!OF_SECRETS.test(text.slice(from, start))) break;
    start = from;
  }
  return text.length - start;
};

/** How much of the form the text ends with. */
const lengthOfBeginning = (form: string, text: string): number => {
  for (let length = Math.min(form.length - 1, text.length); length > 0; length--) if (text.endsWith(form.slice(0, length))) return length;
  return 0;
};
