import { strict as assert } from 'node:assert';
import type { AccessPolicy } from '../../../src/domain/index.ts';
import type { PromiseExecutor, Storage } from '../../../src/ports/index.ts';
import { makeProcess, type makeWorld, type Process, settle } from '../support/harness.ts';
import type { ProcessLifetime } from './process-lifetime.ts';
import { makeCuttableLife, type makeWallClock } from './promise-life-faults.ts';

const WORKERS = 3;
export const PER_TENANT = 2;
/** A healthy worker renews its leases at each step. */
export const STEP_MS = 10_000;
const ATTEMPT_TIMEOUT_MS = 120_000;

interface Worker {
  readonly workerId: string;
  readonly process: Process;
  readonly life: ProcessLifetime;
  /** Its calls of any port wait from here on. */
  cutOff(): void;
  isCut(): boolean;
  /** They go on. */
  reconnect(): void;
}

interface WorkerOptions {
  readonly world: ReturnType<typeof makeWorld>;
  readonly clock: ReturnType<typeof makeWallClock>;
  readonly storage: Storage;
  readonly policy: AccessPolicy;
  readonly executorOf: (life: ProcessLifetime) => PromiseExecutor;
  readonly disturb: () => void;
  readonly faults: readonly string[];
}

/** Workers that share one storage; one that has died is started again. */
export const makeWorkers = ({ world, clock, storage, policy, executorOf, disturb, faults }: WorkerOptions) => {
  const workers: Worker[] = [];
  const dead: string[] = [];

  const born = (): Worker => {
    const { life, ...wire } = makeCuttableLife();
    const workerId = world.randomness.id();
    const process = makeProcess(
      { ...world, clock, storage },
      {
        life,
        policy,
        workerId,
        executor: executorOf(life),
        work: { concurrency: 3, tenantConcurrency: PER_TENANT, attemptTimeoutMs: ATTEMPT_TIMEOUT_MS },
      },
    );
    process.worker.start();
    process.deadlines.start();
    process.ticks.start();
    return { workerId, process, life, ...wire };
  };

  const worker = (n: number): Worker => workers[n % WORKERS] as Worker;
  /** Those whose calls have waited while the clock was put: they are of another time when they go on. */
  const outOfTime = new Set<Worker>();
  const reconnect = (worker: Worker): void => {
    worker.reconnect();
    if (outOfTime.delete(worker)) disturb();
  };

  /** Whatever can happen at this moment of the clock has happened, and a worker that died is born anew. */
  const idle = async (): Promise<void> => {
    for (let rebirths = 0, hasDied = true; hasDied; rebirths++) {
      assert.ok(rebirths < 100, 'they never live');
      await settle();
      hasDied = false;
      for (const [n, { workerId, life }] of workers.entries())
        if (life.ended) {
          hasDied = true;
          dead.push(workerId);
          workers[n] = born();
        }
    }
    assert.deepEqual(faults, []);
  };
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= STEP_MS) {
      clock.advance(Math.min(left, STEP_MS));
      await idle();
    }
  };

  return {
    workers,
    dead,
    outOfTime,
    start: async (): Promise<void> => {
      workers.push(...Array.from({ length: WORKERS }, born));
      await idle();
    },
    worker,
    reconnect,
    idle,
    pass,
  };
};
