import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3-13';
import { listProcessLocks } from '../../src/adapters/system/index.ts';
import { localChatId } from '../../src/domain/index.ts';
import { type AppContext, makeAppContext } from '../../src/main/container.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { isPortError, type Storage, silentLogger } from '../../src/ports/index.ts';
import { buildEntry, makeSeededRandomness } from '../../src/testing/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { type Crew, startCrew } from '../support/promise-crew.ts';
import { makePromiseMaker } from '../support/promise-maker.ts';
import { endure, times } from '../support/promise-storm.ts';
import { CHATS, planPromises } from '../support/promise-tasks.ts';
import { checkLeases, checkPromises, isQuiet } from '../support/promise-verdict.ts';
import { configOf } from '../support/site-config.ts';
import { holdWrites, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts';

// Set by the environment: KEPT_TEST_PROMISES, KEPT_TEST_KILLS and KEPT_TEST_RESTARTS (how often the disk is full, and
// how often it takes no writes) for longer runs, KEPT_TEST_SEED to repeat one.
const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 300);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 6);
const FAULTS = Number(process.env.KEPT_TEST_RESTARTS ?? 2);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const WORKERS = 2;
const DISK_BYTES = 64 * 1024 * 1024;

/**
 * Invariant 3 on one machine: each promise ends once, and is told once, whoever dies and whatever the disk does
 * meanwhile.
 */
describe(`promises on SQLite, processes killed and a bad disk (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(900_000);
  const randomness = makeSeededRandomness(SEED);
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  let site: Site;
  let disk: SmallDisk | undefined;
  let crew: Crew | undefined;
  let bot: KeptProcess | undefined;
  let root: AppContext | undefined;

  before(async () => {
    site = await makeSite({ PROMISE_LEASE_SECONDS: '3', PROMISE_BACKOFF_SECONDS: '1', PROMISE_WORKSPACE_CONCURRENCY: '5' });
    disk = await mountSmallDisk(site.dataDir, DISK_BYTES);
    if (!disk) console.log('      (no disk may be mounted here: it is never full)');
  });
  after(async () => {
    await crew?.stop();
    await bot?.stop();
    await root?.lifecycle.stop();
    await disk?.unmount();
    await site?.remove();
  });

  const killWorker = async (): Promise<void> => {
    await crew?.ready(2);
    await wait(upTo(700));
    await crew?.kill(randomness);
  };
  const killBot = async (): Promise<void> => {
    await wait(upTo(700));
    await bot?.kill();
    bot = await startKept(site, 'bot');
  };
  /** Fills the disk until a write is refused; makes room after a while. */
  const fillDisk =
    (on: SmallDisk, { stores }: Storage) =>
    async (): Promise<void> => {
      on.fill();
      const entry = buildEntry('x'.repeat(1_000_000), { chatId: localChatId(CHATS + 1) });
      const refused = await until('a write to be refused', () =>
        stores.conversations.append([entry]).then(
          () => undefined,
          (error: unknown) => error,
        ),
      );
      assert.ok(isPortError(refused) && refused.code === 'storage-full' && refused.retryable, String(refused));
      await wait(upTo(5_000));
      on.makeRoom();
    };
  /** Nothing that the processes write arrives; after a while it does. */
  const refuseWrites = async (): Promise<void> => {
    const pids = [...(crew?.pids() ?? []), ...(bot?.child.pid === undefined ? [] : [bot.child.pid])];
    await Promise.all(pids.map((pid) => holdWrites(pid, true)));
    await wait(upTo(5_000));
    await Promise.all(pids.map((pid) => holdWrites(pid, false)));
  };

  it(`${PROMISES} promises survive ${KILLS} kills of workers, and ${FAULTS} times each that the disk is full or takes no writes`, async () => {
    bot = await startKept(site, 'bot');
    crew = startCrew(times(WORKERS, site.env));
    await crew.ready();
    root = makeAppContext(configOf(site.env, site.root), silentLogger);
    const [storage, commands] = await Promise.all([root.get(TOKENS.storage), root.get(TOKENS.commands)]);
    const maker = makePromiseMaker(commands);
    const plans = planPromises(PROMISES, randomness);
    const full = disk ? times(FAULTS, fillDisk(disk, storage)) : [];
    await endure([...times(KILLS, killWorker), ...full, ...times(FAULTS, refuseWrites), killBot], plans, maker, randomness);
    checkLeases(crew.runs);
    const peaceAt = performance.now();
    await until('every promise settled and delivered', () => isQuiet(storage), 60_000 + PROMISES * 100);
    const quietMs = Math.round(performance.now() - peaceAt);
    await crew.ready();

    const told = await checkPromises(storage, plans, crew.runs);
    assert.deepEqual(crew.crashes, [], 'no worker ended by itself');
    assert.equal(bot.child.exitCode ?? bot.child.signalCode, null, `the bot did not end by itself: ${bot.errors()}`);
    assert.ok(KILLS < 6 || told.takenUp > 0, 'promises of killed workers were taken up again');
    const database = new Database(site.database, { readonly: true });
    assert.deepEqual(database.pragma('integrity_check'), [{ integrity_check: 'ok' }]);
    database.close();
    console.log(`      ${JSON.stringify({ ...told, refused: Object.fromEntries(maker.refusals), quietMs })}`);
  });

  it('on a read-only disk it does not start, and says so; what was promised is kept when it can be written again', async () => {
    // The lease of the process that is killed runs out soon.
    const bad = await makeSite({ PROMISE_LEASE_SECONDS: '2' });
    const small = await mountSmallDisk(bad.dataDir, DISK_BYTES);
    try {
      const kept = await startKept(bad, 'start');
      await chatApi(() => kept.url).post('in the background, count the TODO comments in this project', 1);
      await until('the promise', async () => (await chatApi(() => kept.url).promises()).length === 1);
      await kept.kill();
      await small?.makeReadOnly();
      if (small) await assert.rejects(startKept(bad, 'start'), /kept: KEPT_DATA_DIR: .*\/data can.t be used .*read-only file system/);
      assert.deepEqual(await listProcessLocks(bad.dataDir), [], 'what runs can be asked for');
      await small?.makeWritable();
      small?.fill();
      if (small) await assert.rejects(startKept(bad, 'start'), /kept: the disk of .*\/data is full: make room/);
      small?.makeRoom();
      const again = await startKept(bad, 'start');
      await until('its outcome', async () => (await chatApi(() => again.url).promises())[0]?.deliveredAt !== undefined);
      await again.stop();
    } finally {
      await small?.unmount();
      await bad.remove();
    }
  });
});
