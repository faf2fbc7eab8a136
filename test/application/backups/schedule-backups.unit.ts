import { strict as assert } from 'node:assert';
import { makeMemoryStorage } from '../../../src/adapters/memory/index.ts';
import { begunAt, noteBackup } from '../../../src/application/backups/known-backup.ts';
import { type KnownBackup, makeBackupSchedule, makeKnownBackup } from '../../../src/application/index.ts';
import type { Backup } from '../../../src/domain/index.ts';
import { PortError } from '../../../src/ports/index.ts';
import { buildProcess, makeFixedClock, makeRecordingEvents, START } from '../../../src/testing/index.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

const makeSite = (newest?: number) => {
  const clock = makeFixedClock();
  const events = makeRecordingEvents();
  const made: Backup[] = [];
  const site = {
    clock,
    events,
    made,
    newest,
    /** What `create` does before it is done. */
    during: async (_: AbortSignal): Promise<void> => undefined,
    pruned: [] as Backup[],
    state: makeMemoryStorage().state('backups'),
    begin: () =>
      makeBackupSchedule({
        backups: {
          create: async (place, signal = new AbortController().signal) => {
            await site.during(signal);
            const backup: Backup = { path: `${place}/${made.length + 1}`, createdAt: clock.now(), engine: 'sqlite', rows: 3, bytes: 9 };
            made.push(backup);
            site.newest = backup.createdAt;
            return { ...backup, leftOut: [] };
          },
          prune: async () => site.pruned,
        },
        place: '/backups',
        machine: { host: 'one', dataDir: '/data' },
        newestAt: async () => site.newest,
        state: site.state,
        everyMs: DAY,
        keep: 2,
        clock,
        events,
      }),
  };
  return site;
};

describe('The schedule of backups', () => {
  it('makes one when the newest is as old as it may get, and no sooner', async () => {
    const site = makeSite(START);
    const schedule = site.begin();
    site.clock.advance(DAY - 1);
    await schedule.look();
    assert.equal(site.made.length, 0);
    site.clock.advance(1);
    await schedule.look();
    await schedule.look();
    assert.equal(site.made.length, 1);
    assert.deepEqual(site.events.of('backup-made'), [{ type: 'backup-made', path: '/backups/1', rows: 3, bytes: 9, durationMs: 0 }]);
  });

  it('makes the first one a day after somebody looked first, whoever looks then', async () => {
    const site = makeSite();
    await site.begin().look();
    site.clock.advance(DAY / 2);
    await site.begin().look();
    assert.equal(site.made.length, 0);
    site.clock.advance(DAY / 2);
    await site.begin().look();
    assert.equal(site.made.length, 1);
  });

  it('tells of a failure, and tries again later and later', async () => {
    const site = makeSite(START - DAY);
    site.during = async () => {
      throw new PortError('storage-full', 'there is no room left', { retryable: true });
    };
    const schedule = site.begin();
    for (let minutes = 0; minutes < 60; minutes++) {
      await schedule.look();
      site.clock.advance(MINUTE);
    }
    assert.deepEqual(
      site.events.of('backup-not-made').map(({ reason, waitMs }) => [reason, waitMs / MINUTE]),
      [5, 10, 20, 40].map((wait) => ['there is no room left', wait]),
    );
    site.during = async () => undefined;
    site.clock.advance(40 * MINUTE);
    await schedule.look();
    assert.equal(site.made.length, 1);
  });

  it('tries later and later where the process is killed each time', async () => {
    const site = makeSite(START - DAY);
    const tries: number[] = [];
    site.during = () => {
      tries.push((site.clock.now() - START) / MINUTE);
      return new Promise(() => undefined);
    };
    for (let minutes = 0; minutes < 60; minutes++) {
      void site.begin().look();
      await new Promise(setImmediate);
      site.clock.advance(MINUTE);
    }
    assert.deepEqual(tries, [0, 5, 15, 35]);
    site.clock.advance(60 * MINUTE);
    site.during = async () => undefined;
    await site.begin().look();
    site.clock.advance(DAY);
    await site.begin().look();
    assert.equal(site.made.length, 2, 'one that was made ends the waiting');
  });

  it('does not wait for a time that a clock which ran ahead has noted', async () => {
    const site = makeSite(START - DAY);
    await site.state.set(new Map([['tried', JSON.stringify({ at: START + DAY, failures: 1, retryAt: START + 2 * DAY })]]));
    await site.begin().look();
    assert.equal(site.made.length, 1);
  });

  it('tells which older ones it removed', async () => {
    const site = makeSite(START - DAY);
    site.pruned = [{ path: '/backups/0', createdAt: 0, engine: 'sqlite', rows: 1, bytes: 1 }];
    await site.begin().look();
    assert.deepEqual(site.events.of('backups-pruned'), [{ type: 'backups-pruned', paths: ['/backups/0'] }]);
  });

  it('stops the one that is under way, and makes no other', async () => {
    const site = makeSite(START - DAY);
    const begun = Promise.withResolvers<void>();
    site.during = (signal) => {
      begun.resolve();
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    };
    const schedule = site.begin();
    schedule.start();
    site.clock.advance(MINUTE);
    await begun.promise;
    await schedule.stop();
    site.clock.advance(DAY);
    assert.deepEqual([site.made.length, site.events.events.length, site.clock.timers], [0, 0, 0]);
  });

  it('stops where the disk of the one that is under way does not answer', async () => {
    const site = makeSite(START - DAY);
    const begun = Promise.withResolvers<void>();
    site.during = () => {
      begun.resolve();
      return new Promise(() => undefined);
    };
    const schedule = site.begin();
    schedule.start();
    site.clock.advance(MINUTE);
    await begun.promise;
    const stopped = schedule.stop();
    site.clock.advance(5_000);
    await stopped;
    assert.equal(site.clock.timers, 0);
  });
});

describe('The newest backup that is known of', () => {
  const [HERE, THERE] = [
    { host: 'here', dataDir: '/data' },
    { host: 'there', dataDir: '/data' },
  ];
  const makeKnown = async (
    local: KnownBackup | undefined,
    { isScheduled = true, heartbeatAt = START }: { readonly isScheduled?: boolean; readonly heartbeatAt?: number } = {},
  ) => {
    const storage = makeMemoryStorage();
    await storage.stores.processes.beat(buildProcess('a', { ...THERE, heartbeatAt }));
    const state = storage.state('backups');
    const known = makeKnownBackup({
      here: async () => local,
      place: HERE,
      isScheduled,
      state,
      processes: storage.stores.processes,
      clock: makeFixedClock(),
    });
    return { state, known };
  };

  it('is the one of another machine while that lives, and that of this machine where it is newer', async () => {
    for (const [local, heartbeatAt, expected] of [
      [undefined, START, { at: START - 2, isFound: true }],
      [{ at: START - DAY, isFound: true }, START, { at: START - 2, isFound: true }],
      [{ at: START - 1, isFound: true }, START, { at: START - 1, isFound: true }],
      [{ at: START - DAY, isFound: true }, START - DAY, { at: START - DAY, isFound: true }],
      [undefined, START - DAY, undefined],
    ] as const) {
      const { state, known } = await makeKnown(local, { heartbeatAt });
      await noteBackup(state, START - 2, THERE);
      assert.deepEqual(await known(), expected);
    }
  });

  it('is looked for in the directory alone where this machine has made it', async () => {
    const { state, known } = await makeKnown(undefined);
    await noteBackup(state, START - 2, HERE);
    assert.equal(await known(), undefined);
  });

  it('is missing since there could be one, however young the directory is', async () => {
    const young = { at: START - 1, isFound: false };
    for (const [isScheduled, expected] of [
      [true, { at: START - 3 * DAY, isFound: false }],
      [false, young],
    ] as const) {
      const { state, known } = await makeKnown(young, { isScheduled });
      await begunAt(state, START - 3 * DAY);
      assert.deepEqual(await known(), expected);
    }
  });
});
