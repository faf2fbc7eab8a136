import { strict as assert } from 'node:assert';
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listProcessLocks } from '../../src/adapters/system/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, makeSite, type Site } from '../support/kept-process.ts';
import { endWithUs } from '../support/own-directory.ts';
import { runKept } from '../support/run-kept.ts';
import { isAlive, type SeenSupervisor, type SupervisedSite, startSupervised } from '../support/supervised-site.ts';

describe('A supervisor with its processes', function () {
  this.timeout(120_000);
  let site: Site;
  let kept: SupervisedSite;

  const start = async (env: NodeJS.ProcessEnv = {}, ...words: readonly string[]): Promise<void> => {
    site = await makeSite(env);
    kept = await startSupervised(site, ...(words.length > 0 ? words : ['--workers', '2']));
  };
  const isEmpty = async (): Promise<boolean> => (await listProcessLocks(site.dataDir)).length === 0;
  afterEach(async () => {
    await kept?.stop();
    await until('the end of all', isEmpty);
    await site?.remove();
  });

  it('starts again what is killed, backs off from what falls again and again, and tells a crash loop', async () => {
    await start();
    const [bot, worker, other] = [kept.pidOf('bot'), kept.pidOf('worker-1'), kept.pidOf('worker-2')];
    process.kill(bot, 'SIGKILL');
    await kept.running('bot', bot);
    assert.equal(kept.pidOf('worker-2'), other, 'the others go on');

    const pids = [worker];
    for (let i = 0; i < 3; i++) {
      process.kill(pids.at(-1) as number, 'SIGKILL');
      if (i < 2) pids.push(await kept.running('worker-1', ...pids));
    }
    const looping = await until('the crash loop', async () =>
      kept.state().processes.find(({ name }) => name === 'worker-1' && kept.log().includes('crash loop')),
    );
    assert.equal(looping.failures, 3);
    const { stdout } = await runKept(site, ['status']);
    assert.match(
      stdout,
      new RegExp(`^supervisor \\(PID ${kept.child.pid}\\), since \\S+; version \\S+, keeps running: bot, worker-1, worker-2\n`),
    );
    assert.match(stdout, /\n {2}worker-1.*: crash loop: ended 3 times in a row \(killed by SIGKILL\)/);
    assert.match(
      stdout,
      /\n {2}bot \(PID \d+\): answers; no work under way; it ended 1 time by itself, the last time \S+ s ago \(killed by SIGKILL\)\n/,
    );
    const waits = [...kept.log().matchAll(/"name":"worker-1".*"againMs":(\d+)/g)].map(([, ms]) => Number(ms));
    assert.equal(waits.length, 3);
    for (const [i, most] of [1_000, 2_000, 4_000].entries())
      assert.ok((waits[i] ?? 0) <= most && (waits[i] ?? 0) >= most * 0.75, `${waits}`);
    await kept.running('worker-1', ...pids);
    // The rule of alerts counts them in the register: a bot at once, as another one has its place.
    const { restarts } = await kept.status();
    assert.equal(restarts.find(({ role }) => role === 'bot')?.count, 1);
  });

  it('goes on where it can not write what others are told of it', async () => {
    await start({}, '--workers', '1');
    const served = (): number => kept.log().split('a supervised process serves').length - 1;
    const before = served();
    const obstacle = join(site.dataDir, 'supervisor', `state.json.${kept.child.pid}.draft`);
    mkdirSync(obstacle);
    const [bot, worker] = [kept.pidOf('bot'), kept.pidOf('worker-1')];
    process.kill(worker, 'SIGKILL');
    await until('another worker', async () => served() > before, 30_000);
    assert.equal(kept.child.exitCode, null);
    assert.ok(isAlive(bot));
    assert.equal(kept.pidOf('worker-1'), worker, 'the file is the old one');
    assert.equal(kept.log().split('can not be told what a supervisor does').length - 1, 1, 'told once');
    rmdirSync(obstacle);
    process.kill(bot, 'SIGKILL');
    await kept.running('bot', bot);
    assert.notEqual(kept.pidOf('worker-1'), worker);
  });

  it('can be stopped while it starts, and asked for a restart without harm', async () => {
    site = await makeSite({});
    const child = fork(KEPT, ['start', '--workers', '1'], {
      cwd: site.root,
      env: site.env,
      detached: true,
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    endWithUs(child);
    const exited = once(child, 'exit');
    const state = (): SeenSupervisor => JSON.parse(readFileSync(join(site.dataDir, 'supervisor', 'state.json'), 'utf8'));
    const isThere = (): boolean => existsSync(join(site.dataDir, 'supervisor', 'state.json'));
    const bot = await until('the bot', async () => isThere() && state().processes[0]?.pid, 30_000);
    process.kill(bot, 'SIGSTOP');
    child.kill('SIGUSR2');
    child.kill('SIGTERM');
    try {
      await until('the stop', async () => state().phase === 'stopping', 10_000);
    } finally {
      process.kill(bot, 'SIGCONT');
    }
    assert.deepEqual(await exited, [0, null]);
    assert.equal(isAlive(bot), false);
  });

  it('gives up on a configuration with errors, goes on with the rest, and takes it back once that is mended', async () => {
    await start();
    const config = readFileSync(site.env.KEPT_CONFIG as string, 'utf8');
    writeFileSync(site.env.KEPT_CONFIG as string, '{');
    const [bot, worker] = [kept.pidOf('bot'), kept.pidOf('worker-1')];
    process.kill(worker, 'SIGKILL');
    await until('it to be given up', async () =>
      kept.state().processes.some(({ name, phase }) => name === 'worker-1' && phase === 'given-up'),
    );
    const { stdout } = await runKept(site, ['status']);
    assert.match(stdout, /\n {2}worker-1: given up: its configuration has errors \(exit code 78\)\n/);
    assert.match(kept.log(), /"level":"error".*the configuration of a supervised process has errors; it is not started again/);

    for (const words of [['restart'], ['restart', '--rolling']]) {
      const refused = await runKept(site, words);
      assert.equal(refused.code, 78);
      assert.match(refused.stderr, /Nothing was restarted: what runs goes on as it is\./);
    }
    assert.deepEqual([kept.pidOf('bot'), isAlive(bot)], [bot, true]);

    writeFileSync(site.env.KEPT_CONFIG as string, config);
    const { code, stdout: rolled, stderr } = await runKept(site, ['restart', '--rolling']);
    assert.equal(code, 0, stderr);
    assert.match(rolled, /\nRestarted bot, worker-1, worker-2, one after the other\. Nobody answered for [\d.]+ m?s at the longest\.\n/);
    await kept.running('worker-1', worker);
    assert.ok(!isAlive(bot) && (await kept.running('bot', bot)) > 0);
  });

  it('changes nothing where a restart would fail beyond the configuration', async () => {
    await start();
    const before = ['bot', 'worker-1', 'worker-2'].map(kept.pidOf);
    const taken = createServer();
    await once(taken.listen(0, '127.0.0.1'), 'listening');
    const { port } = taken.address() as { port: number };
    const refused = await runKept(site, ['restart'], { env: { PORT: String(port) } });
    taken.close();
    assert.equal(refused.code, 1);
    assert.match(refused.stderr, new RegExp(`port ${port} is taken.*Nothing was restarted`, 's'));
    assert.deepEqual(['bot', 'worker-1', 'worker-2'].map(kept.pidOf), before);
  });

  it('leaves no orphan where it is killed: its processes notice, and end as by a stop', async () => {
    await start({ KEPT_REHEARSAL_PACE_MS: '3000' });
    const { stdout } = await runKept(site, ['promises', 'make', 'count the TODO comments in this project', '--json']);
    const { id } = JSON.parse(stdout) as { id: number };
    const promise = async () => JSON.parse((await runKept(site, ['promises', 'show', `${id}`, '--json'])).stdout) as { status: string };
    await until('it to run', async () => (await promise()).status === 'in_progress');
    const pids = ['bot', 'worker-1', 'worker-2'].map(kept.pidOf);
    kept.child.kill('SIGKILL');
    await until('their end', async () => pids.every((pid) => !isAlive(pid)), 30_000);
    assert.ok(await isEmpty(), 'no lock is left');
    assert.notEqual((await promise()).status, 'in_progress', 'handed back, or done');
    assert.match(kept.log(), new RegExp(`"pid":${pids[0]}.*"msg":"stopping"`));
  });

  it('is restarted with little silence: its bot is loaded before the old one ends, and each step is told', async () => {
    site = await makeSite();
    await runKept(site, ['start', '--workers', '1', '--detach']);
    try {
      const { stdout, code } = await runKept(site, ['restart']);
      assert.equal(code, 0);
      const steps = [
        /^Loading what takes over/,
        /^What ran has ended/,
        /^The bot answers; the workers start/,
        /^Kept .* is running/,
        /^Nobody answered for/,
      ];
      const lines = stdout.split('\n');
      const at = steps.map((step) => lines.findIndex((line) => step.test(line)));
      assert.deepEqual(
        at,
        [...at].sort((a, b) => a - b),
        stdout,
      );
      assert.ok(!at.includes(-1), stdout);
    } finally {
      await runKept(site, ['stop']);
    }
  });

  for (const words of [[], ['--workers', '1']])
    it(`is ended by Ctrl-C while start ${[...words, '--detach'].join(' ')} waits for it, and that is told`, async () => {
      site = await makeSite();
      const isStarting = async () => ['kept.lock', 'supervisor/supervisor.lock'].some((lock) => existsSync(join(site.dataDir, lock)));
      const { code, stdout, stderr } = await runKept(site, ['start', ...words, '--detach'], {
        onStarted: (child) => void until('the start', isStarting).then(() => child.kill('SIGINT')),
      });
      assert.equal(code, 130, stderr);
      assert.match(stdout, /^Stopping what was started \(PID \d+\)… Ctrl-C again leaves it to that\.\n$/);
      assert.match(stderr, /The start was stopped by Ctrl-C, and nothing is left of it/i);
      assert.ok(await isEmpty(), 'nothing runs');
    });

  it('is told where it was killed: in the log, by status and health until the next start or stop, and by that', async () => {
    await start({}, '--workers', '1');
    const [bot, worker] = ['bot', 'worker-1'].map(kept.pidOf);
    const before = new Date().toISOString();
    kept.child.kill('SIGKILL');
    await until('the end of all', isEmpty, 30_000);
    const words = new RegExp(
      `[Tt]he supervisor \\(PID ${kept.child.pid}\\) ended at (\\S+) without a stop: it was killed, or crashed; what it ran noticed that, and has ended: bot \\(PID ${bot}\\), worker-1 \\(PID ${worker}\\)`,
    );
    assert.match(kept.log(), new RegExp(`"pid":${bot},.*"supervisor":${kept.child.pid},"msg":"its supervisor is gone`));
    const { stdout } = await runKept(site, ['status']);
    assert.match(stdout, words);
    const [, at = ''] = words.exec(stdout) ?? [];
    assert.ok(at >= before && at <= new Date().toISOString(), at);
    const { lostSupervisor } = (await kept.status()) as { lostSupervisor?: { pid: number; endedAt: string } };
    assert.deepEqual([lostSupervisor?.pid, lostSupervisor?.endedAt], [kept.child.pid, at]);
    assert.match((await runKept(site, ['health'])).stdout, words);
    assert.match((await runKept(site, ['stop'])).stdout, words);
    assert.doesNotMatch((await runKept(site, ['status'])).stdout, words, 'once somebody has stopped it, that is no news');
  });

  it('is told by the next supervisor where all of it was killed at once', async () => {
    await start({}, '--workers', '1');
    const pids = [kept.child.pid as number, ...['bot', 'worker-1'].map(kept.pidOf)];
    for (const pid of pids) process.kill(pid, 'SIGSTOP');
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    await until('the end of all', isEmpty, 30_000);
    const words = `the supervisor \\(PID ${pids[0]}\\) ended some time after \\S+ without a stop: it was killed, or crashed; what it ran has ended, too`;
    assert.match((await runKept(site, ['status'])).stdout, new RegExp(words, 'i'));
    kept = await startSupervised(site, '--workers', '1');
    assert.match(kept.log(), new RegExp(`"supervisor":${pids[0]},.*"msg":"the supervisor before ended without a stop`));
    assert.doesNotMatch((await runKept(site, ['status'])).stdout, new RegExp(words, 'i'));
  });

  it('is stopped in order: workers, whose results the bot still delivers, then the bot; each drain is told', async () => {
    await start({ KEPT_REHEARSAL_PACE_MS: '3000' });
    const { url } = kept.started[0] as { url: string };
    await runKept(site, ['promises', 'make', 'count the TODO comments in this project']);
    await chatApi(() => url).post('please tell me a story', 1);
    await until('work', async () => {
      const status = kept
        .state()
        .processes.map((one) => one.status ?? '')
        .join();
      return /1 turn\b/.test(status) && /1 promise /.test(status);
    });
    const stopping = await runKept(site, ['stop']);
    assert.equal(stopping.code, 0, stopping.stderr);
    assert.match(stopping.stdout, /^Waiting for (1 turn, )?1 promise \(#1\); up to [\d.]+ s…\n/);
    assert.match(stopping.stdout, /\nWaiting for 1 turn; up to [\d.]+ s…\n/);
    assert.match(stopping.stdout, /\nStopped PID \d+, \d+, \d+, \d+\.\n$/);
    const order = [...kept.log().matchAll(/"role":"(\w+)","waits".*"msg":"stopping"/g)].map(([, role]) => role);
    assert.deepEqual(order, ['supervisor', 'worker', 'worker', 'bot']);
  });

  it('hands work back at once where a stop is hurried by Ctrl-C, or by --now', async () => {
    for (const isNow of [false, true]) {
      await start({ KEPT_REHEARSAL_PACE_MS: '5000' });
      await runKept(site, ['promises', 'make', 'count the TODO comments in this project']);
      await until('work', async () => kept.state().processes.some(({ status }) => /1 promise /.test(status ?? '')));
      const askedAt = performance.now();
      const stop = spawn(process.execPath, [KEPT, 'stop', ...(isNow ? ['--now'] : [])], { cwd: site.root, env: site.env });
      endWithUs(stop);
      let printed = '';
      stop.stdout.on('data', (chunk: Buffer) => {
        printed += chunk.toString();
        if (!isNow && printed.includes('Waiting for') && !printed.includes('handed back')) stop.kill('SIGINT');
      });
      const [code] = (await once(stop, 'exit')) as [number];
      assert.equal(code, 0, printed);
      assert.ok(performance.now() - askedAt < 12_000, `${performance.now() - askedAt} ms`);
      if (!isNow) assert.match(printed, /Work is handed back now\. Ctrl-C again leaves the processes to it\.\n/);
      assert.match(printed, /\nStopped PID |^Stopped PID /);
      await site.remove();
    }
  });

  it('starts nothing where one of its processes does not start, and says what that said', async () => {
    site = await makeSite();
    const refused = await runKept(site, ['start', '--workers', '1', '--standby']);
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /--standby needs PostgreSQL/);
    writeFileSync(site.env.KEPT_CONFIG as string, '{');
    assert.equal((await runKept(site, ['start', '--workers', '1', '--detach'])).code, 78);
    assert.ok(await isEmpty());
  });
});
