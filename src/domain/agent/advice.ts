/** Sentences by which Kept tells a model, behind what happened to a call, what to do next. They are not for people. */
export const ADVICE = {
  asked: 'Tell the person both numbers, and do not say that it is done.',
  promised: 'Tell the person its number, and do not say that it is done.',
  notRun: 'Do without it, and say what is left undone.',
  interrupted: 'Say so in your answer. Do not call it again for the same thing unless you have found out that it did not take effect.',
} as const;

/** What happened to a call, for people: a model that only repeats what it is told has nothing else of it. */
export const withoutAdvice = (output: string): string =>
  Object.values(ADVICE)
    .reduce((text, advice) => text.replaceAll(` ${advice}`, ''), output)
    .replace(TELL, '.')
    .trimEnd();

const TELL = /[.;] [Tt]ell the person (?:so|its number(?: and when it is next)?)\./g;
