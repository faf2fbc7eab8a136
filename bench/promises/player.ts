/**
 * One process on a contender's queue: `player.ts <contender> <place>`. Does what it is asked, by message, and answers.
 */

import { numberOf, textOf } from './contender.ts';
import { CONTENDERS, type ContenderKey, contenderOf } from './contenders.ts';
import type { Ask, Told } from './players.ts';

const [, , key = '', place = ''] = process.argv;
if (!(key in CONTENDERS)) throw new Error(`no such contender: ${key}`);
const queue = await contenderOf(key as ContenderKey).open(place);

const tell = (told: Told): void => void process.send?.(told);
/** One clock for all processes of a machine, in ms. */
const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
const numbers = (from: number, count: number): readonly string[] => Array.from({ length: count }, (_, at) => textOf(from + at));

let stop: (() => Promise<void>) | undefined;
let started: { readonly number: number; readonly at: number }[] = [];
let toldOf = 0;
const telling = setInterval(() => {
  if (started.length === toldOf) return;
  toldOf = started.length;
  tell({ started: toldOf });
}, 5);

/** Resolves to how long it took, in ms. */
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const since = performance.now();
  await work();
  return performance.now() - since;
};

const answers = {
  /** One after the other. */
  add: ({ from, count }) =>
    timed(async () => {
      for (const text of numbers(from, count)) await queue.add(text);
    }),
  /** All at once, each by itself. */
  addAtOnce: ({ from, count }) => timed(() => Promise.all(numbers(from, count).map((text) => queue.add(text)))),
  addBatches: ({ from, count, size }) => {
    const batches = Array.from({ length: Math.ceil(count / size) }, (_, at) =>
      numbers(from + at * size, Math.min(size, count - at * size)),
    );
    return timed(async () => {
      for (const texts of batches) await queue.addMany(texts);
    });
  },
  /** One, with when it was asked for and when it was stored. */
  addOne: async ({ number }) => {
    const asked = monotonicMs();
    await queue.add(textOf(number));
    return { asked, stored: monotonicMs() };
  },
  work: async ({ concurrency }) => {
    started = [];
    toldOf = 0;
    stop = await queue.work(concurrency, (text) => started.push({ number: numberOf(text), at: monotonicMs() }));
    return undefined;
  },
  /**
   * Ends the worker; resolves to what it has started, and to what the process has used of the CPU since it was started
   * itself.
   */
  rest: async () => {
    await stop?.();
    const { user, system } = process.cpuUsage();
    return { started, cpuMs: (user + system) / 1_000 };
  },
  left: () => queue.left(),
} satisfies { [Kind in keyof Ask]: (asked: Ask[Kind][0]) => Promise<Ask[Kind][1]> };

process.on('message', ({ kind, asked }: { kind: keyof Ask; asked: never }) => {
  Promise.resolve(answers[kind](asked)).then(
    (value) => tell({ value }),
    (error: unknown) => tell({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.once('disconnect', async () => {
  clearInterval(telling);
  await queue.close();
  process.exit();
});
tell({ value: undefined });
