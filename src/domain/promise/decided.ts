import { LANGUAGES } from './claim-phrases.ts';
import { fold } from './prose.ts';

/** What a turn decides about promises and schedules, by their numbers. */
export interface DecidedNumbers {
  readonly promises: readonly number[];
  readonly cancelledPromises: readonly number[];
  readonly schedules: readonly number[];
  readonly endedSchedules: readonly number[];
}

const KINDS = ['promise', 'schedule'] as const;
type Kind = (typeof KINDS)[number];

/** `promise #5`, `promises #5 and #7`, `promises #5 to #24 and #30`. */
export const namedNumbers = (kind: Kind, ids: readonly number[]): string => {
  const runs = runsOf(ids).map(([first, last]) => (first === last ? `#${first}` : `#${first} to #${last}`));
  const listed = runs.length > 1 ? `${runs.slice(0, -1).join(', ')} and ${runs.at(-1)}` : runs.join('');
  return `${kind}${ids.length > 1 ? 's' : ''} ${listed}`;
};

/** Three and more numbers that follow each other are one run. */
const runsOf = (ids: readonly number[]): readonly (readonly [first: number, last: number])[] => {
  const runs: [number, number][] = [];
  for (const id of [...new Set(ids)].sort((a, b) => a - b)) {
    const last = runs.at(-1);
    if (last?.[1] === id - 1) last[1] = id;
    else runs.push([id, id]);
  }
  const single = (id: number): [number, number] => [id, id];
  return runs.flatMap(([first, last]) => (last === first + 1 ? [single(first), single(last)] : [[first, last] as const]));
};

/**
 * One line that tells what was decided and the text does not name; empty where it names all. What was made and
 * cancelled at once is nothing.
 */
export const untold = (text: string, { promises, cancelledPromises, schedules, endedSchedules }: DecidedNumbers): string => {
  const told = numbersTold(text);
  const left = (kind: Kind, ids: readonly number[], undone: readonly number[]): string[] => {
    const missing = ids.filter((id) => !undone.includes(id) && !told[kind].has(id));
    return missing.length > 0 ? [namedNumbers(kind, missing)] : [];
  };
  const made = [...left('promise', promises, cancelledPromises), ...left('schedule', schedules, endedSchedules)];
  const ended = [...left('promise', cancelledPromises, promises), ...left('schedule', endedSchedules, schedules)];
  const parts = [
    ...(made.length > 0 ? [`Made: ${made.join(', ')}.`] : []),
    ...(ended.length > 0 ? [`Cancelled: ${ended.join(', ')}.`] : []),
  ];
  return parts.length > 0 ? `(${parts.join(' ')})` : '';
};

const nouns = (field: Kind): string => LANGUAGES.map((language) => language[field]).join('|');
/**
 * Names of either kind, a number, and where a range of numbers ends. A number without `#` counts where a name stands
 * before it.
 */
const TOLD = new RegExp(
  `(?<promise>${nouns('promise')})|(?<schedule>${nouns('schedule')})|(?<first>(?:#|(?<=\\p{L} ))\\d{1,15})(?:,? ?(?:to|through|bis|a|al|ate|hasta|до|по|-|–|—|\\.\\.\\.?) ?#?(?<last>\\d{1,15}))?|(?<end>[.!?\\n])`,
  'gu',
);
const MAX_RANGE = 1_000;

const numbersTold = (text: string): Readonly<Record<Kind, ReadonlySet<number>>> => {
  const told = { promise: new Set<number>(), schedule: new Set<number>() };
  let kind: Kind | undefined;
  let isNamed = false;
  for (const { groups = {} } of fold(text).matchAll(TOLD)) {
    const { promise, schedule, first, last, end } = groups;
    if (promise ?? schedule) {
      kind = promise ? 'promise' : 'schedule';
      isNamed = true;
      continue;
    }
    if (end) kind = undefined;
    // `found 12 matches` names no promise #12.
    if (first && (first.startsWith('#') || isNamed)) {
      const from = Number(first.replace('#', ''));
      const to = last === undefined ? from : Math.min(Number(last), from + MAX_RANGE);
      for (let id = from; id <= to; id++) for (const each of kind ? [kind] : KINDS) told[each].add(id);
    }
    isNamed = false;
  }
  return told;
};
