import { excerpt } from '../../domain/shared/excerpt.ts';
import { present } from '../../domain/shared/present.ts';

type View = Readonly<Record<string, unknown>>;

/** The most that a list says, in characters. */
const MAX_LENGTH = 50_000;
/** The most of one text in a list that would be longer. */
const MAX_TEXT_LENGTH = 500;

/** A list of promises as JSON, redacted. What does not fit is cut, and then left out, the oldest first: with a note. */
export const promiseList = (promises: readonly View[], redact: (text: string) => string): string => {
  const whole = redact(asJson({ promises }));
  if (whole.length <= MAX_LENGTH) return whole;
  const cut = promises.map((promise) => cutTexts(promise, redact));
  const fitting: View[] = [];
  let length = noteOn(cut.length).length + 100;
  for (const promise of cut) {
    length += asJson({ promises: [promise] }).length;
    if (length > MAX_LENGTH) break;
    fitting.push(promise);
  }
  return redact(asJson({ note: noteOn(cut.length - fitting.length), promises: fitting }));
};

const noteOn = (leftOut: number): string =>
  [
    'Long texts are cut here: show_promise shows a promise whole.',
    ...(leftOut === 0 ? [] : [`The oldest ${leftOut} are left out: ask for certain statuses, or for fewer.`]),
  ].join(' ');

/** Redacted first: no secret is cut in two. */
const cutTexts = (promise: View, redact: (text: string) => string): View =>
  Object.fromEntries(
    Object.entries(promise).map(([key, value]) => [key, typeof value === 'string' ? excerpt(redact(value), MAX_TEXT_LENGTH) : value]),
  );

const asJson = (value: object): string => JSON.stringify(present(value), null, 2);
