import { percentile, table } from '../table.ts';
import { type Bar, median } from './bars.ts';
import { type ContenderKey, contenderOf } from './contenders.ts';
import { ENGINE_KEYS, ENGINES } from './engines.ts';
import { DRAINS, drainName, type Results } from './measure.ts';

const whole = (value: number): string => value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0);

/** The middle one, and all that there were. */
const spread = (values: readonly number[] | undefined): string => {
  if (!values || values.length === 0) return '';
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return values.length === 1 ? whole(least) : `${whole(median(values))} (${whole(least)}–${whole(most)})`;
};

const nameOf = (key: ContenderKey): string => contenderOf(key).name;

/** The results as Markdown. */
export const reportOf = ({ enqueued, drained, pickedUp, late, claims }: Results, bars: readonly Bar[]): string => {
  const drains = DRAINS.map((settings) => drained.get(drainName(settings)));
  const keys = [...(drains[0]?.keys() ?? [])];
  return [
    '### Bars',
    table(
      ['', 'wanted', 'measured', ''],
      bars.map(({ what, wanted, measured, reached }) => [what, wanted, measured, reached ? 'reached' : 'not reached']),
    ),
    '### Drained, jobs a second',
    table(
      ['processes × side by side', ...DRAINS.map(drainName), 'survives'],
      keys.map((key) => [
        nameOf(key),
        ...drains.map((each) => spread(each?.get(key)?.map(({ jobsPerSecond }) => jobsPerSecond))),
        contenderOf(key).durability,
      ]),
    ),
    '### CPU of the workers for each job drained, ms',
    table(
      ['processes × side by side', ...DRAINS.map(drainName)],
      keys.map((key) => [nameOf(key), ...drains.map((each) => spread(each?.get(key)?.map(({ cpuMsPerJob }) => cpuMsPerJob)))]),
    ),
    '### Enqueued, jobs a second',
    table(
      ['', 'one by one', 'all at once', 'batches of 500', 'survives'],
      Array.from(enqueued, ([key, rounds]) => [
        nameOf(key),
        ...[
          spread(rounds.map(({ oneByOne }) => oneByOne)),
          spread(rounds.map(({ atOnce }) => atOnce)),
          spread(rounds.map(({ batches }) => batches)),
          contenderOf(key).durability,
        ],
      ]),
    ),
    '### Pick-up at rest, from one process to another, ms',
    table(
      ['', 'since stored p50', 'p99', 'since asked p50', 'p99'],
      Array.from(pickedUp, ([key, { sinceStored, sinceAsked }]) => [
        nameOf(key),
        ...[sinceStored, sinceAsked].flatMap((values) => [percentile(values, 50), percentile(values, 99)]),
      ]),
    ),
    '### A claim of ten, by how many are pending, ms; and how late promises start, ms',
    table(
      ['', ...[...(claims.get('kept')?.keys() ?? [])].map((size) => size.toLocaleString('en')), 'put off p50', 'most', 'retry p50', 'most'],
      ENGINE_KEYS.map((key) => {
        const { delayed = [], retried = [] } = late.get(key) ?? {};
        return [
          ENGINES[key].contender.name,
          ...Array.from(claims.get(key)?.values() ?? [], median),
          ...[delayed, retried].flatMap((values) => [median(values), Math.max(...values)]),
        ];
      }),
    ),
  ].join('\n\n');
};
