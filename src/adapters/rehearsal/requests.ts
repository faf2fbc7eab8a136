import { PROMISE_STATUSES, type PromiseStatus } from '../../domain/promise/promise.ts';
import { type Recurring, recurring } from './schedules.ts';

/** What the rehearsal model understands. `docs/reference/rehearsal.md` is its description for people, tested against this. */
export type Request =
  | { readonly kind: 'background'; readonly tasks: readonly string[] }
  | { readonly kind: 'count'; readonly marker: string; readonly path?: string }
  | { readonly kind: 'search'; readonly term: string; readonly isPattern: boolean; readonly path?: string }
  | { readonly kind: 'list-files'; readonly path?: string }
  | { readonly kind: 'read-file'; readonly path: string }
  | { readonly kind: 'list-promises'; readonly status?: PromiseStatus }
  | { readonly kind: 'find-promise'; readonly id: number }
  | { readonly kind: 'cancel-promise'; readonly id: number }
  | ({ readonly kind: 'schedule' } & Recurring)
  | { readonly kind: 'list-schedules' }
  | { readonly kind: 'cancel-schedule'; readonly id: number }
  | { readonly kind: 'write'; readonly characters: number; readonly slowly: boolean }
  | { readonly kind: 'claim'; readonly again: boolean }
  | { readonly kind: 'help' }
  | { readonly kind: 'unknown' };

/** Parts of one chain of promises, at the most; each takes a step of the run. */
export const MAX_CHAIN = 5;
/** A request other than a background task is no longer than this; longer texts are not searched for rules. */
const MAX_LENGTH = 500;
const MAX_LINES = 20;

/** The requests of one message: its lines where each is a request, else the whole, else its lines where any is one. Never empty. */
export const understandMessage = (text: string): { readonly text: string; readonly request: Request }[] => {
  const whole = [{ text, request: understand(text) }];
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length < 2 || lines.length > MAX_LINES) return whole;
  const parts = lines.map((line) => ({ text: line, request: understand(line) }));
  const isRequest = ({ request }: { readonly request: Request }): boolean => request.kind !== 'unknown';
  return parts.every(isRequest) || (!whole.some(isRequest) && parts.some(isRequest)) ? parts : whole;
};

export const understand = (text: string): Request => {
  const tasks = backgroundTasks(text.trim());
  if (tasks) return tasks.length > 0 && tasks.length <= MAX_CHAIN ? { kind: 'background', tasks } : { kind: 'unknown' };
  if (text.length > MAX_LENGTH) return { kind: 'unknown' };
  const words = plain(text);
  for (const rule of RULES) {
    const request = rule(words);
    if (request) return request;
  }
  return { kind: 'unknown' };
};

const COURTESY =
  /^(?:(?:please|kindly|hey|hi|hello|kept|ok|okay|now|also|and|then|can you|could you|would you|will you)(?![\w-])[ ,:!]*)+/i;
const TAIL = /,? and (?:then )?(?:tell|let|report|give|show|send|get back to)\b.*$/i;

/** The words of a request without courtesies, the call to report, and the full stop. */
const plain = (text: string): string =>
  withoutStop(
    withoutStop(text.replace(/\s+/g, ' ').trim())
      .replace(COURTESY, '')
      .replace(TAIL, '')
      .replace(/,? (?:please|thanks|thank you)$/i, ''),
  );

/** Only after a word or a closing quote: `..` is a path. */
const withoutStop = (text: string): string => text.replace(/(?<=[\w"'`”)/])[.!?]+$/, '');

const PHRASE = 'in the background';

/** The tasks of a background request in the order of their dependence; undefined when it is none. */
const backgroundTasks = (text: string): string[] | undefined => {
  const bare = withoutStop(text).replace(/,? please$/i, '');
  const open = bare.replace(COURTESY, '');
  const middle = /\bin the background(?=[,;:]? (?:and|then)\b)/i.exec(bare);
  const task = /^in the background\b/i.test(open)
    ? open.slice(PHRASE.length)
    : /\bin the background$/i.test(bare)
      ? open.slice(0, -PHRASE.length)
      : middle
        ? bare.slice(0, middle.index).replace(COURTESY, '').trimEnd() + bare.slice(middle.index + PHRASE.length)
        : undefined;
  return task?.split(/[,;] (?:and )?then /i).flatMap((part) => withoutEdges(part.replace(COURTESY, '')) || []);
};

/** A loop, because a pattern for the end of a text takes quadratic time over a hostile one. */
const withoutEdges = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t\r\n,;:-'.includes(text[start] as string)) start++;
  while (end > start && ' \t\r\n,;:-'.includes(text[end - 1] as string)) end--;
  return text.slice(start, end);
};

type Rule = (words: string) => Request | undefined;

const MARKED = /^(?:count|how many)(?: up)?(?: all)?(?: of)?(?: the)? (todo|fixme|hack|xxx)'?s?(?: comments?| markers?)?(.*)$/i;

/** What tells like requests apart: `(run 7)`, `[b]`, `#7`, `, run number 7`, `7`. Passed over. */
const LABEL =
  /(?: ?\([^()]{0,80}\)| ?\[[^[\]]{0,80}\]|(?: |, ?|: ?|; ?| - ?)(?:(?:run|number|no\.?|nr\.?|task|request|message|item|test) ?){0,3}#?\d{1,9}-?)$/i;

const count: Rule = (words) => {
  const [, marker, rest] = MARKED.exec(words.replace(LABEL, '')) ?? [];
  if (marker === undefined || rest === undefined) return undefined;
  const where = rest.replace(/^ (?:are there|are|there are|do we have|we have)(?= |$)/i, '');
  const path = placeAfterIn(where);
  return path === undefined ? undefined : { kind: 'count', marker: marker.toUpperCase(), ...path };
};

const search: Rule = (words) => {
  const rest = /^(?:search for|search|grep for|grep|look for) (.+)$/i.exec(words)?.[1];
  if (rest === undefined) return undefined;
  const quoted = /^(?:"(.+)"|'(.+)'|`(.+)`|“(.+)”|\/(.+)\/)( in .+)?$/.exec(rest);
  if (quoted) {
    const term = quoted.slice(1, 6).find((part) => part !== undefined);
    const path = placeAfterIn(quoted[6] ?? '');
    if (term !== undefined && path) return { kind: 'search', term, isPattern: quoted[5] !== undefined, ...path };
  }
  const at = rest.toLowerCase().lastIndexOf(' in ');
  const path = at > 0 ? placeAfterIn(rest.slice(at)) : undefined;
  return { kind: 'search', term: path ? rest.slice(0, at) : rest, isPattern: false, ...path };
};

const listFiles: Rule = (words) => {
  const rest = /^(?:list|show)(?: me)?(?: all)?(?: the)? files(.*)$/i.exec(words)?.[1];
  const path = rest === undefined ? undefined : placeAfterIn(rest);
  return path && { kind: 'list-files', ...path };
};

const readFile: Rule = (words) => {
  const read = /^(?:read|open|cat)(?: the)?(?: file)? (.+)$/i.exec(words)?.[1];
  const shown = /^show(?: me)?(?: the)?(?: file)? (.+)$/i.exec(words)?.[1];
  const path = asPath(read ?? shown ?? '');
  // "show me" is said of much else than files.
  return path === undefined || (read === undefined && !/[./]/.test(path)) ? undefined : { kind: 'read-file', path };
};

const promises: Rule = (words) => {
  const listed = /^(?:list|show|what are)?(?: ?me)? ?(?:all )?(?:my|the|our)? ?(?:(\w+(?:[ _-]progress)?) )?promises$/i.exec(words);
  if (listed) {
    const status = PROMISE_STATUSES.find((known) => known === listed[1]?.toLowerCase().replace(/[ -]/, '_'));
    if (listed[1] === undefined || /^all$/i.test(listed[1])) return { kind: 'list-promises' };
    return status && { kind: 'list-promises', status };
  }
  const cancelled = numbered(/^(?:cancel|stop|drop)(?: the)?(?: promise)? #?(\d{1,15})$/i, words);
  if (cancelled !== undefined) return { kind: 'cancel-promise', id: cancelled };
  const asked = numbered(
    /^(?:what is|what's|whats|show|how is|status of|what about)(?: me)?(?: the)? promise #?(\d{1,15})(?: doing| going)?$/i,
    words,
  );
  return asked === undefined ? undefined : { kind: 'find-promise', id: asked };
};

const schedules: Rule = (words) => {
  const found = recurring(words);
  if (found) return { kind: 'schedule', ...found };
  if (/^(?:list|show|what are)?(?: ?me)? ?(?:all )?(?:my|the|our)? ?schedules$/i.test(words)) return { kind: 'list-schedules' };
  const ended = numbered(/^(?:cancel|stop|end)(?: the)? schedule #?(\d{1,15})$/i, words);
  return ended === undefined ? undefined : { kind: 'cancel-schedule', id: ended };
};

/** A longer sample shows nothing that this one does not. */
const MAX_SAMPLE = 100_000;

const write: Rule = (words) => {
  const [, amount, slowly] = /^write (\d{1,6}|\d{1,3},\d{3}) characters( slowly)?$/i.exec(words) ?? [];
  const characters = Number(amount?.replace(',', ''));
  return characters >= 1 && characters <= MAX_SAMPLE ? { kind: 'write', characters, slowly: slowly !== undefined } : undefined;
};

/** What no honest model does, so that it can be seen what becomes of it. */
const claim: Rule = (words) => {
  const claimed = /^(keep )?claim(?:ing)?(?: work)? without(?: a)? promise$/i.exec(words);
  return claimed ? { kind: 'claim', again: claimed[1] !== undefined } : undefined;
};

const help: Rule = (words) =>
  /^\/?(?:help(?: me)?|what can you do|what do you understand|who are you|what are you)$/i.test(words) ? { kind: 'help' } : undefined;

const RULES: readonly Rule[] = [help, schedules, count, promises, listFiles, search, readFile, write, claim];

const numbered = (pattern: RegExp, words: string): number | undefined => {
  const id = pattern.exec(words)?.[1];
  return id === undefined ? undefined : Number(id);
};

/** What follows ` in `: a path, or the whole project (an empty object); undefined where it is neither. */
const placeAfterIn = (rest: string): { readonly path?: string } | undefined => {
  if (rest.trim() === '') return {};
  const place = /^ (?:in|under|inside) (.+)$/i.exec(rest)?.[1];
  if (place === undefined) return undefined;
  if (/^(?:here|(?:(?:this|the|our|my|whole|entire) ?)*(?:project|repository|repo|workspace|codebase|code|directory|folder))$/i.test(place))
    return {};
  const path = asPath(place.replace(/^(?:the )?(\S+) (?:folder|directory)$/i, '$1'));
  return path === undefined ? undefined : { path };
};

/** One word, or anything in quotes. */
const asPath = (text: string): string | undefined => {
  const quoted = /^(["'`])(.+)\1$/.exec(text)?.[2];
  return quoted ?? (/^\S+$/.test(text) ? text : undefined);
};
