/**
 * A worker for fault tests: `kept worker`, except that its promises do what their description says (see
 * `promise-tasks.ts`), and that it tells its parent of every run and every lease. Ends in order when its parent says
 * anything.
 */

import { setTimeout as wait } from 'node:timers/promises';
import { makePinoLogger } from '../../src/adapters/pino/index.ts';
import { makeRedactor } from '../../src/adapters/redaction/index.ts';
import { acquireProcessLock } from '../../src/adapters/system/index.ts';
import { makeWorker } from '../../src/application/index.ts';
import { NO_USAGE, type PromiseId } from '../../src/domain/index.ts';
import { makeAppContext } from '../../src/main/container.ts';
import { lockName, logPath } from '../../src/main/data-dir.ts';
import { openDataDir } from '../../src/main/open-data-dir.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { bindWorker, startWorker } from '../../src/main/worker.ts';
import { PortError, type PromiseExecutor, type PromiseQueue } from '../../src/ports/index.ts';
import { readTask } from './promise-tasks.ts';
import { configOf } from './site-config.ts';

interface RunOf {
  readonly id: PromiseId;
  readonly attempt: number;
}
/** Times are this process's, in ms since 1970. */
export type Told =
  | { readonly type: 'ready' }
  | ({ readonly type: 'begun'; readonly startedAt: number; readonly leasedUntil: number } & RunOf)
  | { readonly type: 'renewed'; readonly ids: readonly PromiseId[]; readonly leasedUntil: number }
  /** What the promise is there for: the world outside has it. */
  | ({ readonly type: 'effect' } & RunOf)
  /** It lives, and came to say so so much later than it meant to: something else had the processor, or the loop. */
  | { readonly type: 'tick'; readonly at: number; readonly lateMs: number }
  | ({ readonly type: 'ended'; readonly at: number; readonly how: 'returned' | 'failed' | 'aborted' } & RunOf);

/** Resolves when it is out of this process's hands. */
const tell = (told: Told): Promise<void> => new Promise((resolve) => void process.send?.(told, () => resolve()));

const executor: PromiseExecutor = {
  execute: async (promise, { signal }) => {
    const { id, attempts: attempt, lease, startedAt } = promise;
    const task = readTask(promise.description);
    const end = (how: 'returned' | 'failed' | 'aborted') => tell({ type: 'ended', id, attempt, at: Date.now(), how });
    await tell({ type: 'begun', id, attempt, startedAt, leasedUntil: lease.expiresAt });
    try {
      await wait(task.ms / 2, undefined, { signal });
      if (promise.failures < task.failures) {
        void end('failed');
        throw new PortError('unavailable', 'as planned', { retryable: !task.forGood });
      }
      await tell({ type: 'effect', id, attempt });
      await wait(task.ms / 2, undefined, { signal });
    } catch (error) {
      if (signal.aborted) void end('aborted');
      throw error;
    }
    void end('returned');
    return { text: `done in run ${attempt}`, usage: NO_USAGE };
  },
};

/** Tells of leases as soon as they are known to be renewed. */
const telling = (queue: PromiseQueue): PromiseQueue => ({
  ...queue,
  heartbeat: async (request) => {
    const ids = await queue.heartbeat(request);
    void tell({ type: 'renewed', ids, leasedUntil: request.now + request.leaseMs });
    return ids;
  },
});

const config = configOf(process.env, process.cwd());
openDataDir(config.dataDir);
const lock = await acquireProcessLock(config.dataDir, lockName('worker'));
const log = makePinoLogger({ level: 'info', terminal: 'none', file: logPath(config.dataDir), redact: makeRedactor(config.secrets) });
const root = makeAppContext(config, log.logger);
bindWorker(root, lockName('worker'));
const { get, container, lifecycle } = root;
const [storage, changes, clock, randomness, redact, logger, workerId, runAgent] = await Promise.all([
  ...([get(TOKENS.storage), get(TOKENS.changes), get(TOKENS.clock), get(TOKENS.randomness)] as const),
  ...([get(TOKENS.redact), get(TOKENS.logger), get(TOKENS.workerId), get(TOKENS.runAgent)] as const),
]);
const { worker } = makeWorker({
  changes,
  clock,
  randomness,
  redact,
  logger,
  workerId,
  runAgent,
  executor,
  policy: config.policy,
  storage: { ...storage, queue: telling(storage.queue) },
  retry: config.promises.retry,
  settings: config.promises.worker,
});
container.rebind(TOKENS.worker).toConstantValue(worker);
await startWorker(root);
await tell({ type: 'ready' });
const TICK_MS = 200;
let tickedAt = Date.now();
setInterval(() => {
  const at = Date.now();
  void tell({ type: 'tick', at, lateMs: Math.max(0, at - tickedAt - TICK_MS) });
  tickedAt = at;
}, TICK_MS);
process.once('message', async () => {
  await lifecycle.stop();
  await log.close();
  await lock.release();
  process.exit();
});
