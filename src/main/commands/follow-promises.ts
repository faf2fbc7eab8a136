import { stripControl } from '../../adapters/terminal/index.ts';
import { promiseView } from '../../adapters/views/index.ts';
import { watchPromise, watchPromises } from '../../application/index.ts';
import { type AgentPromise, excerpt, isSettled, type PromiseId, type PromiseStatus } from '../../domain/index.ts';
import type { PromisesQuery } from '../../ports/index.ts';
import type { AppContext } from '../container.ts';
import { EXIT, print } from '../failures.ts';
import { TOKENS } from '../tokens.ts';

/** Prints the newest matching promises, oldest first, then each change, until Ctrl-C. */
export const followPromises = async (
  root: AppContext,
  {
    filter,
    statuses,
    limit,
    json,
  }: {
    readonly filter: Omit<PromisesQuery, 'limit' | 'statuses'>;
    /** Only promises in, or changing to, one of these statuses. */
    readonly statuses?: readonly PromiseStatus[];
    readonly limit: number;
    readonly json: boolean;
  },
): Promise<void> => {
  const fits = ({ status }: AgentPromise): boolean => statuses?.includes(status) ?? true;
  const tell = teller(json, (await root.get(TOKENS.config)).timeZone);
  const end = watchPromises(
    { ...(await watching(root)), query: filter },
    {
      onFirst: (promises) => promises.filter(fits).slice(-limit).forEach(tell),
      onChange: (promise) => (fits(promise) ? tell(promise) : undefined),
    },
  );
  await untilInterrupted();
  end();
};

/** Prints a promise, then each change, until it ends or Ctrl-C. */
export const followPromise = async (root: AppContext, id: PromiseId, json: boolean): Promise<void> => {
  const settled = Promise.withResolvers<void>();
  const show = teller(json, (await root.get(TOKENS.config)).timeZone);
  const tell = (promise: AgentPromise): void => {
    show(promise);
    if (!isSettled(promise)) return;
    if (promise.status !== 'completed') process.exitCode = EXIT.bad;
    settled.resolve();
  };
  const end = watchPromise({ ...(await watching(root)), id }, { onFirst: (promises) => promises.forEach(tell), onChange: tell });
  await untilInterrupted(settled.promise);
  end();
};

const watching = async ({ get }: AppContext) => {
  const [{ listPromises, getPromise }, changes, clock, events] = await Promise.all([
    get(TOKENS.queries),
    get(TOKENS.changes),
    get(TOKENS.clock),
    get(TOKENS.events),
  ]);
  return { listPromises, getPromise, changes, clock, events };
};

/** Resolves on Ctrl-C, or when `ended` resolves. */
const untilInterrupted = async (ended?: Promise<void>): Promise<void> => {
  const interrupted = Promise.withResolvers<void>();
  // Nothing else here keeps the process alive.
  const stay = setInterval(() => undefined, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.resolve());
  await (ended ? Promise.race([interrupted.promise, ended]) : interrupted.promise);
  clearInterval(stay);
};

/** Each line begins with the time in the configured time zone. */
const teller = (json: boolean, timeZone: string) => (promise: AgentPromise) => {
  const time = new Date().toLocaleTimeString('en-GB', { timeZone });
  print(json ? JSON.stringify(promiseView(promise)) : stripControl(`${time}  ${line(promise)}`));
};

const line = (promise: AgentPromise): string => {
  const { id, status, taskType } = promise;
  const text = `${`#${id}`.padStart(5)}  ${status.padEnd(11)}  ${taskType.padEnd(8)}  ${told(promise).replace(/\s+/g, ' ')}`;
  const width = process.stdout.isTTY ? process.stdout.columns - 10 : Number.POSITIVE_INFINITY;
  return excerpt(text, width);
};

/** The detail that matters in this status. */
const told = (promise: AgentPromise): string => {
  switch (promise.status) {
    case 'in_progress':
      return promise.progress ? `${promise.progress.text}: ${promise.description}` : promise.description;
    case 'pending':
      return promise.lastError ? `tried again after: ${promise.lastError.message}` : promise.description;
    case 'completed':
      return `${promise.deliveredAt === undefined ? '' : 'delivered: '}${promise.description}`;
    case 'failed':
      return `${promise.deliveredAt === undefined ? '' : 'delivered: '}${promise.error.message}`;
    case 'cancelled':
      return `${promise.deliveredAt === undefined ? '' : 'delivered: '}${promise.reason}`;
    case 'waiting':
      return `for ${promise.dependsOn.map((parent) => `#${parent}`).join(', ')}: ${promise.description}`;
  }
};
