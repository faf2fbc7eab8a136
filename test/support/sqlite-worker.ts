/**
 * One process on a shared database, for tests: `sqlite-worker.ts <role> <path> [count]`. It tells its parent what
 * happened, by message.
 */
import { openWriter } from '../../src/adapters/sqlite/connection.ts';
import { promiseId, transition } from '../../src/domain/index.ts';
import { buildPromise, buildRecord, telegramMessage } from '../../src/testing/index.ts';
import { type OpenedStorage, openStorage } from './sqlite-storage.ts';

const [, , role = '', path = '', count = '0'] = process.argv;
const total = Number(count);
const tell = (message: unknown) => process.send?.(message);
const turnOfTheLoop = () => new Promise((resolve) => setImmediate(resolve));

const roles: Record<string, (storage: OpenedStorage) => Promise<void>> = {
  /** Makes `count` promises, each by a unit of work of its own, ten at a time. */
  add: async ({ stores, unitOfWork }) => {
    const addOne = async () => {
      const [id] = await stores.promises.reserveIds(1);
      if (id === undefined) throw new Error('no number');
      await unitOfWork.run(async ({ promises }) => promises.add([buildPromise({ id, idempotencyKey: `${process.pid}:${id}` })]));
    };
    for (let made = 0; made < total; made += 10) await Promise.all(Array.from({ length: Math.min(10, total - made) }, addOne));
    tell({ added: total });
  },

  /** Claims and completes until it is told to stop; tells which it completed. */
  claim: async ({ queue, stores }) => {
    let stopped = false;
    process.once('message', () => {
      stopped = true;
    });
    const workerId = `worker-${process.pid}`;
    while (!stopped) {
      const claimed = await queue.claim({ workerId, now: Date.now(), leaseMs: 60_000, limit: 7 });
      await Promise.all(
        claimed.map(async (promise) => {
          const command = { type: 'complete', at: Date.now(), workerId, attempt: promise.attempts, result: `kept #${promise.id}` } as const;
          await stores.promises.update([promise.id], (stored) => {
            const next = transition(stored, command);
            if (!next.ok) throw new Error(next.error.message);
            return next.value;
          });
        }),
      );
      if (claimed.length > 0) tell({ completed: claimed.map(({ id }) => id) });
      await turnOfTheLoop();
    }
  },

  /** For each message commits one more number, and tells; without a touch, as others than the storage do. */
  stranger: async () => {
    const connection = await openWriter(path);
    for (let number = 1; number <= total; number++) {
      await new Promise((resolve) => process.once('message', resolve));
      const begun = performance.now();
      await connection.query('UPDATE counters SET value = ?', [number]);
      tell({ committed: number, tookMs: performance.now() - begun });
    }
    await connection.close();
  },

  /** Reads until it is told to stop, and checks that it sees nothing half done. */
  read: async ({ stores }) => {
    let stopped = false;
    let reads = 0;
    process.once('message', () => {
      stopped = true;
    });
    while (!stopped) {
      const stats = await stores.promises.stats();
      for (const promise of await stores.promises.find({ statuses: ['completed'], newestFirst: true, limit: 5 }))
        if (promise.status !== 'completed' || promise.result !== `kept #${promise.id}`) throw new Error(`half done: #${promise.id}`);
      if (stats.failed > 0) throw new Error('one failed');
      reads++;
      await turnOfTheLoop();
    }
    tell({ reads });
  },

  /**
   * Writes turns for ever, each a message, its verdict and a promise in one unit, eight at a time; tells of each once
   * it is acknowledged.
   */
  turns: async ({ unitOfWork }) => {
    for (let n = 1; ; n += 8)
      await Promise.all(
        Array.from({ length: 8 }, async (_, i) => {
          const id = promiseId(n + i);
          await unitOfWork.run(async ({ messages, promises }) => {
            const record = buildRecord({ messageId: telegramMessage(id) });
            await messages.add(record);
            await promises.add([buildPromise({ id, idempotencyKey: `turn ${id}` })]);
            await messages.settle(record.message.chat.id, [record.message.messageId], { kind: 'remembered' });
          });
          tell({ acknowledged: id });
        }),
      );
  },

  /** Opens the storage, and nothing else. */
  open: () => Promise.resolve(),
};

const run = roles[role];
if (!run) throw new Error(`no such role: ${role}`);
const storage = await openStorage(path);
tell({ opened: process.pid });
await run(storage);
await storage.close();
process.disconnect?.();
