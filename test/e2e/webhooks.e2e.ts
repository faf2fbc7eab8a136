import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { createHmac, randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { makeSeededRandomness } from '../../src/testing/index.ts';
import { openStandIn, type StandIn } from '../fakes/alerts/stand-in.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { freePort } from '../support/loopback.ts';
import { endWithUs } from '../support/own-directory.ts';
import { freshDatabase } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';

const SECRET = 'e2e-0123456789abcdef';
const KILLS = Number(process.env.KEPT_TEST_KILLS ?? 5);
const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 12);
const SEED = Number(process.env.KEPT_TEST_SEED ?? randomInt(1, 2 ** 31));
const TASK = 'in the background, count the TODO comments in this project';

interface Posted {
  readonly id: string;
  readonly type: string;
  readonly at: string;
  readonly data: Readonly<Record<string, unknown>>;
}

describe(`Webhooks of real processes (KEPT_TEST_SEED=${SEED})`, function () {
  this.timeout(240_000);
  const closers: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
  });

  const openSite = async (url: string): Promise<Site> => {
    const site = await makeSite({ KEPT_MODELS: 'rehearsal', KEPT_WEBHOOK_URL: url, KEPT_WEBHOOK_SECRET: SECRET });
    closers.push(() => site.remove());
    return site;
  };
  const start = async (site: Site, role: 'start' | 'bot' | 'worker'): Promise<KeptProcess> => {
    const kept = await startKept(site, role);
    closers.push(() => kept.stop());
    return kept;
  };
  const openReceiver = async (): Promise<StandIn> => {
    const receiver = await openStandIn(({ headers, body }) =>
      headers['x-kept-signature'] === `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`
        ? { status: 204 }
        : { status: 401, problem: 'the signature is wrong' },
    );
    closers.push(receiver.close);
    return receiver;
  };
  const postedTo = (receiver: StandIn): readonly Posted[] => receiver.taken().map(({ body }) => JSON.parse(body));
  const report = async (site: Site) => JSON.parse((await runKept(site, ['webhooks', 'list', '--json'])).stdout);

  it('reach the receiver of the documentation, which checks them; commands tell how it goes', async () => {
    const manual = readFileSync(new URL('../../docs/how-to/webhooks.md', import.meta.url), 'utf8');
    const [, program = ''] = /```js\n(.*?)```/s.exec(manual) ?? [];
    const port = await freePort();
    const site = await openSite(`http://127.0.0.1:${port}/kept`);
    writeFileSync(join(site.root, 'receiver.mjs'), program);
    const env = { PATH: process.env.PATH, KEPT_WEBHOOK_SECRET: SECRET, RECEIVER_PORT: String(port) };
    const child = spawn(process.execPath, [join(site.root, 'receiver.mjs')], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    endWithUs(child);
    closers.push(async () => child.kill());
    const lines: string[] = [];
    createInterface({ input: child.stdout }).on('line', (line) => lines.push(line));

    const kept = await start(site, 'start');
    const test = await until('the receiver listens', async () => {
      const tested = await runKept(site, ['webhooks', 'test']);
      return tested.code === 0 && tested;
    });
    assert.match(test.stdout, /^The receiver has taken evt_test_/);
    await chatApi(() => kept.url).post(TASK, 1);
    await until('the event', async () => lines.includes('promise.settled 1'));
    const delivered = await until('it is recorded', async () => {
      const found = await report(site);
      return found.delivered === 1 && found;
    });
    assert.deepEqual([delivered.pending, delivered.failed, delivered.receiver.signed], [0, 0, true]);
    // Whoever does not know the secret is refused.
    const forged = await fetch(`http://127.0.0.1:${port}/kept`, { method: 'POST', body: '{"id": "x"}' });
    assert.equal(forged.status, 401);

    child.kill();
    const failed = await runKept(site, ['webhooks', 'test', '--json']);
    assert.equal(failed.code, 1);
    assert.match(JSON.parse(failed.stdout).reason, /can't be reached: ECONNREFUSED/);
    assert.doesNotMatch(kept.errors() + failed.stdout + failed.stderr, new RegExp(SECRET));
  });

  it('are stored by a worker that knows neither address nor secret, and posted by the bot', async () => {
    const receiver = await openReceiver();
    const site = await openSite(`${receiver.url}/kept`);
    const bot = await start(site, 'bot');
    const { KEPT_WEBHOOK_URL: _, KEPT_WEBHOOK_SECRET: __, ...env } = site.env;
    await start({ ...site, env }, 'worker');
    await chatApi(() => bot.url).post(TASK, 1);
    const [posted] = await until('the event', async () => receiver.taken().length > 0 && postedTo(receiver));
    assert.equal(posted?.type, 'promise.settled');
    const { id, chatId, status, resultSummary, taskDescription } = posted?.data ?? {};
    assert.deepEqual([id, chatId, status], [1, 'local:1', 'completed']);
    assert.match(String(resultSummary), /3/);
    assert.match(String(taskDescription), /TODO/);
  });

  it('are posted by the bot that takes over on PostgreSQL, under the same id, where the leader is killed in the midst of it', async () => {
    const receiver = await openReceiver();
    const database = await freshDatabase();
    closers.push(() => database.drop());
    const site = await openSite(`${receiver.url}/kept`);
    const on = (machine: string): Site => ({
      ...site,
      env: { ...site.env, DATABASE_URL: database.url, KEPT_DATA_DIR: join(site.root, machine) },
    });
    const leader = await start(on('first'), 'bot');
    const standby = await start(on('second'), 'bot');
    await start(on('third'), 'worker');
    assert.notEqual(standby.started.standsByFor, undefined);
    // The first request is never answered.
    receiver.failNext(() => undefined);
    await chatApi(() => leader.url).post(TASK, 1);
    await until('the first request', async () => receiver.requests().length > 0);
    await leader.kill();
    await until('the other bot posts it', async () => receiver.taken().length > 0, 60_000);
    const sent = receiver.requests().map(({ headers }) => headers['x-kept-event-id']);
    assert.equal(new Set(sent).size, 1, sent.join());
    const counts = await until('it is recorded', async () => {
      const found = await report(on('second'));
      return found.delivered === 1 && found;
    });
    assert.deepEqual([counts.pending, counts.failed], [0, 0]);
  });

  it(`tell of each of ${PROMISES} promises under one id each, over ${KILLS} kills and a receiver that fails`, async () => {
    const randomness = makeSeededRandomness(SEED);
    const receiver = await openReceiver();
    const site = await openSite(`${receiver.url}/kept`);
    let kept = await startKept(site, 'start');
    closers.push(() => kept.stop());
    const api = chatApi(() => kept.url);
    const ids = new Map<string, number>();
    // Every third request is answered with 503, and now and then one is never answered.
    let nth = 0;
    receiver.refuse(({ body }) => {
      const { id } = JSON.parse(body) as Posted;
      ids.set(id, (ids.get(id) ?? 0) + 1);
      return ++nth % 3 === 0 ? 503 : undefined;
    });
    let sent = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      const most = Math.ceil((PROMISES * (kill + 1)) / (KILLS + 1));
      for (; sent < most; sent++) await api.post(`${TASK} (run ${sent})`, 1 + (sent % 4)).catch(() => sent--);
      await wait(Math.floor(randomness.fraction() * 1_500));
      if (kill === KILLS) break;
      await kept.kill();
      kept = await startKept(site, 'start');
    }
    await until(
      'all promises settle',
      async () => (await api.promises()).filter(({ status }) => status === 'completed').length >= PROMISES,
      120_000,
    );
    const done = await until(
      'all events are delivered',
      async () => {
        const found = await report(site);
        return found.pending === 0 && found;
      },
      120_000,
    );
    const promises = await api.promises();
    const settled = postedTo(receiver).filter(({ type }) => type === 'promise.settled');
    const byPromise = Map.groupBy(settled, ({ data }) => data.id);
    assert.equal(done.failed, 0);
    // So many kills may be an alert, too.
    const types = (done.events as readonly Posted[]).map(({ type }) => type);
    assert.equal(types.filter((type) => type === 'promise.settled').length, promises.length);
    assert.deepEqual(
      [...byPromise.keys()].map(Number).sort((a, b) => a - b),
      promises.map(({ id }) => id).sort((a, b) => a - b),
    );
    for (const [promise, events] of byPromise) assert.equal(new Set(events.map(({ id }) => id)).size, 1, `promise ${promise} has one id`);
    assert.deepEqual(receiver.problems(), []);
  });
});
