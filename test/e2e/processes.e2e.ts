import { strict as assert } from 'node:assert';
import { execFile, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listProcessLocks } from '../../src/adapters/system/index.ts';
import { WORK_GRACE_MS } from '../../src/main/worker.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { endWithUs } from '../support/own-directory.ts';

const execute = promisify(execFile);
const run = (site: Site, ...words: string[]) =>
  execute(process.execPath, [KEPT, ...words], { env: site.env, cwd: site.root, maxBuffer: 64 * 1024 * 1024 });

const PROMISES = Number(process.env.KEPT_TEST_PROMISES ?? 1_000);
const CHATS = 10;

describe('bot, worker and command line as processes of their own on one file', function () {
  this.timeout(240_000);
  let site: Site;
  const processes: KeptProcess[] = [];

  beforeEach(async () => {
    site = await makeSite();
  });
  afterEach(async () => {
    await Promise.all(processes.splice(0).map((one) => one.stop()));
    await site.remove();
  });

  const start = async (role: 'start' | 'bot' | 'worker'): Promise<KeptProcess> => {
    const one = await startKept(site, role);
    processes.push(one);
    return one;
  };

  it(`${PROMISES} promises complete, none twice, while the command line lists them in a loop`, async () => {
    const bot = await start('bot');
    const worker = await start('worker');
    const api = chatApi(() => bot.url);
    const requests = Array.from({ length: PROMISES }, (_, i) => `in the background, count the TODO comments in src (run ${i})`);
    // A chat may have so many promises that have not ended: they are spread over some.
    for (let i = 0; i < requests.length; i += 50)
      await Promise.all(requests.slice(i, i + 50).map((text, at) => api.post(text, 1 + (at % CHATS))));

    let lists = 0;
    const last = await until(
      'all promises delivered',
      async () => {
        const { stdout } = await run(site, 'promises', 'list', '--limit', '10000', '--json');
        lists++;
        const { promises } = JSON.parse(stdout) as {
          promises: { status: string; attempts: number; deliveredAt?: string; resultSummary: string }[];
        };
        return promises.length === PROMISES && promises.every(({ deliveredAt }) => deliveredAt !== undefined) && promises;
      },
      200_000,
    );

    assert.ok(
      last.every(({ status, attempts }) => status === 'completed' && attempts === 1),
      'each completed, run once',
    );
    const messages = await Promise.all(Array.from({ length: CHATS }, (_, at) => api.messages(1 + at)));
    const results = messages.flat().filter(({ text }) => /^Promise #\d+ is kept/.test(text));
    assert.equal(results.length, PROMISES);
    assert.equal(new Set(results.map(({ text }) => /#\d+/.exec(text)?.[0])).size, PROMISES, 'each result once');
    for (const one of [bot, worker]) assert.doesNotMatch(one.errors(), /locked/i);
    const { stdout: stats } = await run(site, 'promises', 'stats', '--json');
    assert.equal((JSON.parse(stats) as { completed: number }).completed, PROMISES);
    console.log(`      ${PROMISES} promises, ${lists} listings beside them`);
  });

  it('a second start on the same data is refused and names the PID; stop ends both; status tells', async () => {
    const kept = await start('start');
    const second = await run(site, 'start').then(
      () => assert.fail('the second start was not refused'),
      (error: { code: number; stderr: string }) => error,
    );
    assert.equal(second.code, 1);
    assert.match(second.stderr, new RegExp(`PID ${kept.child.pid}\\b`));

    const status = JSON.parse((await run(site, 'status', '--json')).stdout) as { running: boolean; bot: { pid: number; url: string } };
    assert.deepEqual([status.running, status.bot.pid, status.bot.url], [true, kept.child.pid, kept.url]);

    assert.match((await run(site, 'stop')).stdout, new RegExp(`Stopped PID ${kept.child.pid}`));
    const after = await run(site, 'status').then(
      () => assert.fail('status must exit 1 when nothing runs'),
      (error: { code: number; stdout: string }) => error,
    );
    assert.equal(after.code, 1);
  });

  it('SIGTERM while work is under way, and again: exit code 0, and what could not be finished is handed back at once, not held', async () => {
    await site.remove();
    site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '3000' });
    const bot = await start('bot');
    const worker = await start('worker');
    const made = JSON.parse((await run(site, 'promises', 'make', 'count the TODO comments in this project', '--json')).stdout) as {
      id: number;
    };
    const statusOf = async () =>
      (JSON.parse((await run(site, 'promises', 'show', `${made.id}`, '--json')).stdout) as { status: string; attempts: number }).status;
    await until('the promise is running', async () => (await statusOf()) === 'in_progress');
    await chatApi(() => bot.url).post('hello', 1);
    const askedAt = performance.now();
    for (const { child } of [worker, bot])
      await until('its end', async () => {
        child.kill('SIGTERM');
        return child.exitCode !== null;
      });
    assert.ok(performance.now() - askedAt < WORK_GRACE_MS, 'before its time was up');
    assert.deepEqual([worker.child.exitCode, bot.child.exitCode], [0, 0]);
    assert.equal(await statusOf(), 'pending');
    assert.equal(worker.errors() + bot.errors(), '');
  });

  it('a terminal that closes ends it as a stop does, whatever its output is', async () => {
    const terminal = spawn('script', ['-qec', `${process.execPath} ${KEPT} worker > out 2>&1`, '/dev/null'], {
      env: { ...site.env, SHELL: '/bin/sh' },
      cwd: site.root,
      stdio: 'ignore',
    });
    endWithUs(terminal);
    const pid = await until('the worker', async () => (await listProcessLocks(site.dataDir))[0]?.pid, 30_000);
    await until('its banner', async () => readFileSync(join(site.root, 'out'), 'utf8').includes('is running'));
    terminal.kill('SIGKILL');
    await until('its end', async () => (await listProcessLocks(site.dataDir)).length === 0);
    assert.match(readFileSync(join(site.dataDir, 'logs', 'kept.log'), 'utf8'), new RegExp(`"pid":${pid}.*"msg":"stopping"`));
  });

  it('start --detach serves in the background; the command line makes, cancels, retries, shows and explains', async () => {
    const { stdout } = await run(site, 'start', '--detach');
    try {
      assert.match(stdout, /self-ping\s+ok, \d+ ms/);
      const url = /http:\/\/\S+/.exec(stdout)?.[0] as string;
      const api = chatApi(() => url);
      const made = JSON.parse((await run(site, 'promises', 'make', 'count the TODO comments in this project', '--json')).stdout) as {
        id: number;
      };
      const kept = await until('the promise kept', async () =>
        (await api.promises()).find(({ id, deliveredAt }) => id === made.id && deliveredAt),
      );
      assert.match(kept.resultSummary ?? '', /\b3\b/);
      const shown = JSON.parse((await run(site, 'promises', 'show', `${made.id}`, '--json')).stdout) as { status: string };
      assert.equal(shown.status, 'completed');
      // What was asked for is done without a log, too.
      const log = join(site.dataDir, 'logs', 'kept.log');
      await rm(log);
      await mkdir(log);
      const refused = await run(site, 'promises', 'cancel', `${made.id}`).catch((error: { code: number; stderr: string }) => error);
      assert.ok('code' in refused && refused.code === 1 && /already ended/.test(refused.stderr));
      const { messageId } = await api.post('hello', 1);
      await until('the answer', async () => (await api.messages(1)).some(({ answers }) => answers?.includes(messageId)));
      const { stdout: why } = await run(site, 'explain', `${messageId}`);
      assert.match(why, /allowed by rule local-operator/);
      assert.match(why, /Verdict: answered/);
      assert.match(why, /Reply: delivered/);
    } finally {
      await run(site, 'stop');
    }
  });
});
