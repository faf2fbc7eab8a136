import { writtenForms } from './known-values.ts';
import type { FindSecrets } from './redactor.ts';
import { withoutSpans } from './spans.ts';

/** What a secret is written with, and what may hide in it: the last such run of a text that grows may go on. */
const OF_SECRETS = /[!-~\uff01-\uff5e\p{Cf}\p{Mn}]/u;
const OF_ONE_RUN = /^[!-~]+$/;

/**
 * What takes the secrets out of a text of which more is to come, and holds back its end where that could be the beginning of a secret:
 * the last word, which is not whole yet, and what a known value of several words begins with.
 */
export const makeGrowingRedactor = (secrets: readonly string[], find: FindSecrets): ((text: string) => string) => {
  const ofSeveralWords = writtenForms(secrets).filter((form) => !OF_ONE_RUN.test(form));
  return (text) => {
    let run = 0;
    while (run < text.length && OF_SECRETS.test(text.charAt(text.length - run - 1))) run++;
    const begun = Math.max(0, ...ofSeveralWords.map((form) => lengthOfBeginning(form, text)));
    const block = text.lastIndexOf('-----BEGIN ');
    const end = Math.min(text.length - Math.max(run, begun), block < 0 || text.includes('\n', block) ? text.length : block);
    return withoutSpans(text, find(text), undefined, { end });
  };
};

/** How much of the form the text ends with. */
const lengthOfBeginning = (form: string, text: string): number => {
  for (let length = Math.min(form.length - 1, text.length); length > 0; length--) if (text.endsWith(form.slice(0, length))) return length;
  return 0;
};
