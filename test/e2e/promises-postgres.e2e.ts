import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { type AppContext, makeAppContext } from '../../src/main/container.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { administer, freshDatabase, type PostgresServer, startServer } from '../support/postgres.ts';
import { type Crew, startCrew } from '../support/promise-crew.ts';
import { makePromiseMaker } from '../support/promise-maker.ts';
import { endure, times } from '../support/promise-storm.ts';
import { planPromises } from '../support/promise-tasks.ts';
import { checkLeases, checkPromises, isQuiet } from '../support/promise-verdict.ts';
import { configOf } from '../support/site-config.ts';

// Set by the environment: KEPT_TEST_PROMISES, KEPT_TEST_KILLS and KEPT_TEST_RESTARTS for longer runs (2000, 40 and 5
// take some five minutes), KEPT_TEST_SEED to repeat one.
const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 300);
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 6);
const RESTARTS = Number(process.env.KEPT_TEST_RESTARTS ?? 2);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const MACHINES = ['first', 'second'];
const WORKERS = 4;

/** Invariant 3 where promises are kept by many: each promise ends once, and is told once, whoever dies meanwhile. */
describe(`promises on PostgreSQL, workers, bots and the server killed at random points (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(900_000);
  const randomness = makeSeededRandomness(SEED);
  const upTo = (most: number): number => Math.floor(randomness.fraction() * most);
  let server: PostgresServer;
  let url: string;
  let site: Site;
  let crew: Crew | undefined;
  let root: AppContext | undefined;
  const bots: KeptProcess[] = [];

  const environmentOf = (machine: number): NodeJS.ProcessEnv => ({
    ...site.env,
    KEPT_DATA_DIR: join(site.root, MACHINES[machine % MACHINES.length] as string),
  });
  const startBot = (machine: number): Promise<KeptProcess> =>
    until('a bot to start', async () => {
      try {
        return await startKept({ ...site, env: environmentOf(machine) }, 'bot');
      } catch (error) {
        // While PostgreSQL is away it can't.
        if (!String(error).includes("can't be")) throw error;
        return undefined;
      }
    });
  const leads = async ({ url: bot }: KeptProcess): Promise<boolean> => {
    const { checks } = (await (await fetch(`${bot}/health`)).json()) as { checks: { id: string; message: string }[] };
    return !checks.find(({ id }) => id === 'process.leader')?.message.startsWith('stands by');
  };

  before(async () => {
    server = await startServer();
    ({ url } = await freshDatabase(server));
    site = await makeSite({
      DATABASE_URL: url,
      PROMISE_LEASE_SECONDS: '3',
      PROMISE_BACKOFF_SECONDS: '1',
      PROMISE_WORKSPACE_CONCURRENCY: '7',
    });
  });
  after(async () => {
    await crew?.stop();
    await Promise.all(bots.map((bot) => bot.stop()));
    await root?.lifecycle.stop();
    await site?.remove();
  });

  /**
   * Ends the server at once, or in order, and lets it be away for a while; a worker may die meanwhile, and find none
   * when it starts.
   */
  const restart = async (): Promise<void> => {
    if (upTo(2) === 0) await server.kill();
    else await server.stop();
    if (upTo(2) === 0) await crew?.kill(randomness);
    await wait(upTo(upTo(2) === 0 ? 500 : 6_000));
    await server.start();
  };
  const killWorker = async (): Promise<void> => {
    await crew?.ready(2);
    await wait(upTo(700));
    await crew?.kill(randomness);
  };
  /** Kills the bot that answers; it comes back, and stands by. */
  const killBot = async (): Promise<void> => {
    const leading = await until('one bot to lead', async () => {
      const answers = await Promise.all(bots.map(leads));
      return answers.filter(Boolean).length === 1 && { machine: answers.indexOf(true) };
    });
    const { machine } = leading;
    await bots[machine]?.kill();
    const next = bots[1 - machine] as KeptProcess;
    await until('the other bot to take over', () => leads(next), 30_000);
    bots[machine] = await startBot(machine);
  };

  it(`${PROMISES} promises survive ${KILLS} kills of workers, ${RESTARTS} restarts of the server and the death of the bot`, async () => {
    for (const machine of MACHINES.keys()) bots.push(await startBot(machine));
    crew = startCrew(Array.from({ length: WORKERS }, (_, slot) => environmentOf(slot)));
    await crew.ready();
    root = makeAppContext(configOf(environmentOf(0), site.root), silentLogger);
    const [storage, commands] = await Promise.all([root.get(TOKENS.storage), root.get(TOKENS.commands)]);
    const maker = makePromiseMaker(commands);

    const plans = planPromises(PROMISES, randomness);
    await endure([...times(KILLS, killWorker), ...times(RESTARTS, restart), killBot], plans, maker, randomness);
    checkLeases(crew.runs);
    const peaceAt = performance.now();
    await until('every promise settled and delivered', () => isQuiet(storage), 60_000 + PROMISES * 100);
    const quietMs = Math.round(performance.now() - peaceAt);
    await crew.ready();

    const told = await checkPromises(storage, plans, crew.runs);
    assert.deepEqual(crew.crashes, [], 'no worker ended by itself');
    for (const { child, errors } of bots) assert.equal(child.exitCode ?? child.signalCode, null, `no bot ended by itself: ${errors()}`);
    assert.ok(KILLS < 6 || told.takenUp > 0, 'promises of killed workers were taken up again');
    const jobs = await administer(url, async (client) => {
      const { rows } = await client.query('SELECT name, count(*)::int AS count FROM pgboss.job GROUP BY name');
      return new Map(rows.map(({ name, count }: { name: string; count: number }) => [name, count]));
    });
    assert.deepEqual([...jobs], [['kept-failed', (await storage.stores.promises.stats()).failed]], 'no job is left, but dead letters');
    console.log(`      ${JSON.stringify({ ...told, refused: Object.fromEntries(maker.refusals), quietMs })}`);
  });
});
