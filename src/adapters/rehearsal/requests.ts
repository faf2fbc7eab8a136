import { excerpt } from '../../domain/shared/excerpt.ts';
import * as refuse from './refusals.ts';
import type { Request } from './request.ts';
import { refused, ruled } from './rules.ts';
import { smallTalk } from './small-talk.ts';
import { toolUse } from './tool-use.ts';
import { splitWhen, type Timed, whenAtEnd, whenAtStart } from './when.ts';

interface Part {
  readonly text: string;
  readonly request: Request;
}

/** A task or a request is no longer than this; longer texts are not searched for rules. */
const MAX_LENGTH = 500;
const MAX_LINES = 20;

/**
 * The requests of one message: its lines where each is a request, else the whole, else its lines where any is one.
 * Never empty.
 */
export const understandMessage = (text: string, read: (text: string) => Request = understand): readonly Part[] => {
  const whole = [{ text, request: read(text) }];
  const lines = text.split('\n').flatMap((line) => (line.trim() === '' ? [] : [line.trim()]));
  if (lines.length < 2 || lines.length > MAX_LINES) return whole;
  const parts = lines.map((line) => ({ text: line, request: read(line) }));
  const isRequest = ({ request }: Part): boolean => request.kind !== 'unknown';
  // A line of a text may be one word that alone would be a request: `end`.
  const isWork = ({ request: { kind } }: Part): boolean => kind !== 'unknown' && kind !== 'refused' && kind !== 'small-talk';
  return parts.every(isRequest) || (!whole.some(isRequest) && parts.some(isWork)) ? parts : whole;
};

export const understand = (text: string): Request => {
  const topic = smallTalk(text);
  if (topic) return { kind: 'small-talk', topic };
  const use = toolUse(text);
  if (use) return use;
  const background = backgroundTask(text.trim());
  if (background === undefined && text.length > MAX_LENGTH) return { kind: 'unknown' };
  const timed = timedRequest(background ?? opened(text));
  if (timed && isMeantAsTime(timed)) {
    const promised = promisedAt(timed);
    // `search for tomorrow` names no time.
    const atOnce = promised.kind === 'refused' && background === undefined && !REMINDER.test(timed.task) ? understandTask(text) : promised;
    return atOnce.kind === 'unknown' || atOnce.kind === 'refused' ? promised : atOnce;
  }
  if (background === undefined) return understandTask(text);
  const tasks = chained(background);
  if (tasks.length === 0) return refused(refuse.whatInBackground);
  return problemOf(tasks) ?? { kind: 'background', tasks };
};

/** What is to be done at once: no time, and no background, is looked for. */
const understandTask = (text: string): Request => {
  if (text.length > MAX_LENGTH) return { kind: 'unknown' };
  const use = toolUse(text);
  if (use) return use;
  const reminder = REMINDER.exec(opened(text));
  if (reminder) return { kind: 'remind', what: reminder[1] ?? '' };
  return ruled(plain(text));
};

const REMINDER = /^remind(?: (?:me|us)\b[ ,:]*(.*))?$/i;
const NOTHING = /^(?:to|that|about|of)?$/i;

/** The time that is named, and the task; of a reminder, the time stands in the middle, too. */
const timedRequest = (words: string): Timed | undefined => {
  const rest = REMINDER.exec(words)?.[1];
  if (rest === undefined) return splitWhen(words);
  const timed = whenAtStart(rest) ?? whenAtEnd(rest);
  return timed && { ...timed, task: `remind me ${timed.task}` };
};

/** `list files later`, and not `we met last week`. */
const isMeantAsTime = ({ when, task }: Timed): boolean => {
  if (when.kind !== 'impossible' || !when.unclear) return true;
  const tasks = chained(task);
  return tasks.length > 0 && tasks.every((each) => isTask(understandTask(each)));
};

const promisedAt = ({ when, task }: Timed): Request => {
  if (when.kind === 'impossible') return refused(refuse.impossibleTime(when.why));
  const isReminder = REMINDER.test(task);
  const tasks = isReminder ? [task.trim()] : chained(task);
  if (tasks.length === 0) return refused(refuse.whatThen);
  const problem = problemOf(tasks);
  if (problem) return problem;
  if (when.kind === 'once') return { kind: 'later', at: when.at, tasks };
  return tasks.length > 1 ? refused(refuse.oneTaskEach) : { kind: 'schedule', cron: when.cron, task: tasks[0] ?? '' };
};

/** What a promise can be made of: work that an agent does by itself. */
const TASKS: ReadonlySet<Request['kind']> = new Set<Request['kind']>([
  ...(['count', 'search', 'list-files', 'read-file', 'list-promises', 'find-promise', 'list-schedules'] as const),
  ...(['write', 'count-to', 'remind', 'use-tool'] as const),
]);
const isTask = ({ kind }: Request): boolean => TASKS.has(kind);

/** Why these can't be promised; undefined where they can. */
const problemOf = (tasks: readonly string[]): Request | undefined => {
  if (tasks.length > refuse.MAX_CHAIN) return refused(refuse.chainTooLong(tasks.length));
  for (const { text, request } of tasks.flatMap((task) => understandMessage(task, understandTask))) {
    if (request.kind === 'remind' && NOTHING.test(request.what)) return refused(refuse.remindOfWhat);
    if (request.kind === 'refused') return refused(refuse.lacksToPromise(request.answer));
    if (!isTask(request)) return refused(refuse.noRuleToPromise(`“${excerpt(text, 200)}”`));
  }
  return undefined;
};

const COURTESY =
  /^(?:(?:please|kindly|hey|hi|hello|kept|ok|okay|now|right now|immediately|asap|also|and|then|can you|could you|would you|will you)(?![\w-])[ ,:!]*)+/i;
const TAIL = /,? and (?:then )?(?:tell|let|report|give|show|send|get back to)\b.*$/i;

/** The words of a request without courtesies and the full stop. */
const opened = (text: string): string =>
  withoutStop(
    withoutStop(text.replace(/\s+/g, ' ').trim())
      .replace(COURTESY, '')
      .replace(/,? (?:please|thanks|thank you)$/i, ''),
  );

/** Also without the call to report. */
const plain = (text: string): string =>
  withoutStop(
    opened(text)
      .replace(TAIL, '')
      .replace(/,? (?:please|thanks|thank you)$/i, ''),
  );

/** Only after a word or a closing quote: `..` is a path. */
const withoutStop = (text: string): string => text.replace(/(?<=[\w"'`”)/])[.!?]+$/, '');

/** What is to be done in the background; undefined when nothing is. */
const backgroundTask = (text: string): string | undefined => {
  const bare = withoutStop(text).replace(/,? please$/i, '');
  const open = bare.replace(COURTESY, '');
  const before = /^in (?:the )?background\b|^background(?=:)/i.exec(open);
  const after = /(?:^|[ ,;:])in (?:the )?background$/i.exec(open);
  const middle = /\bin (?:the )?background(?=[,;:]? (?:and|then)\b)/i.exec(bare);
  const task = before
    ? open.slice(before[0].length)
    : after
      ? open.slice(0, after.index)
      : middle
        ? bare.slice(0, middle.index).replace(COURTESY, '').trimEnd() + bare.slice(middle.index + middle[0].length)
        : undefined;
  return task === undefined ? undefined : withoutEdges(task);
};

/** The tasks of a chain, in the order of their dependence. The arguments of a tool are not read for one. */
const chained = (task: string): string[] =>
  toolUse(task) ? [task] : task.split(/[,;] (?:and )?then /i).flatMap((part) => withoutEdges(part.replace(COURTESY, '')) || []);

/** A loop, because a pattern for the end of a text takes quadratic time over a hostile one. */
const withoutEdges = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && ' \t\r\n,;:-'.includes(text[start] as string)) start++;
  while (end > start && ' \t\r\n,;:-'.includes(text[end - 1] as string)) end--;
  return text.slice(start, end);
};
