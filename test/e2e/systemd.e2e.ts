import { strict as assert } from 'node:assert';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openBlackHole } from '../support/black-hole.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { type NotifySocket, openNotifySocket } from '../support/notify-socket.ts';
import { freshDatabase } from '../support/postgres.ts';
import { itWith } from '../support/programs.ts';
import { startSupervised } from '../support/supervised-site.ts';

const STALLING = fileURLToPath(new URL('../support/stalling.ts', import.meta.url));
const WATCHDOG_MS = 2_000;

describe('A process that systemd runs with Type=notify', function () {
  this.timeout(90_000);
  let site: Site;
  let socket: NotifySocket;
  const running: KeptProcess[] = [];

  const start = async (env: NodeJS.ProcessEnv = {}): Promise<KeptProcess> => {
    site = await makeSite(env);
    socket = await openNotifySocket(join(site.root, 'notify'));
    const service = { NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
    const kept = await startKept({ ...site, env: { ...site.env, ...service } }, 'start');
    running.push(kept);
    return kept;
  };
  const beats = (from = 0): number => socket.told.slice(from).filter(({ fields }) => fields.WATCHDOG === '1').length;

  afterEach(async () => {
    for (const one of running.splice(0)) await one.kill();
    socket.close();
    await site.remove();
  });

  itWith('systemd-notify', 'says when it serves, what it is at, that it reloads, and for what it needs time at its end', async () => {
    const kept = await start({ KEPT_REHEARSAL_PACE_MS: '400' });
    const ready = await socket.word('READY');
    assert.deepEqual(ready.fields, { READY: '1', STATUS: 'answers; no work under way', X_KEPT_STANDING: 'answers' });
    const config = { workspaces: {}, telegram_groups: {}, dm_whitelist: { default_working_directory: site.root } };
    writeFileSync(site.env.KEPT_CONFIG as string, JSON.stringify(config));
    let from = socket.told.length;
    const before = process.hrtime.bigint() / 1_000n;
    process.kill(kept.child.pid as number, 'SIGHUP');
    const reloading = await socket.word('RELOADING', from);
    const usec = BigInt(reloading.fields.MONOTONIC_USEC ?? 0);
    assert.ok(usec >= before && usec <= process.hrtime.bigint() / 1_000n, 'the time of systemd');
    await socket.word('READY', from);
    assert.equal(kept.child.exitCode, null, 'SIGHUP is no end where there is no terminal');

    await chatApi(() => kept.url).post('please tell me a long story about a pebble', 1);
    await until('the status of a turn', async () => socket.told.some(({ fields }) => /answers; 1 turn\b/.test(fields.STATUS ?? '')));
    from = socket.told.length;
    kept.child.kill('SIGTERM');
    assert.deepEqual((await socket.word('STOPPING', from)).fields, { STOPPING: '1' });
    const extended = await socket.word('EXTEND_TIMEOUT_USEC', from);
    assert.match(extended.fields.STATUS ?? '', /^stops; waits for 1 turn; up to (10|9\.\d) s$/);
    assert.equal(extended.fields.EXTEND_TIMEOUT_USEC, '20000000');
    await until('its end', async () => kept.child.exitCode === 0, 20_000);
    assert.equal(kept.errors(), '');
  });

  itWith('systemd-notify', 'speaks for all of its processes where it is a supervisor, and they are silent', async () => {
    site = await makeSite();
    socket = await openNotifySocket(join(site.root, 'notify'));
    const env = { ...site.env, NOTIFY_SOCKET: socket.path, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000) };
    const kept = await startSupervised({ ...site, env }, '--workers', '1');
    try {
      const ready = await socket.word('READY');
      assert.match(ready.fields.STATUS ?? '', /^bot (answers; no work under way|running), worker-1 (works; no work under way|runs)$/);
      assert.equal(socket.told.filter(({ fields }) => 'READY' in fields).length, 1, 'one word for all');
      await until('signs of life', async () => beats() >= 3);
      const from = socket.told.length;
      process.kill(kept.pidOf('worker-1'), 'SIGKILL');
      const told = await until('the crash in the status', async () =>
        socket.told
          .slice(from)
          .find(({ fields }) => /worker-1 (ended|.*it ended 1 time by itself).*\(killed by SIGKILL\)/.test(fields.STATUS ?? '')),
      );
      assert.equal(told.fields.WATCHDOG, '1', 'the supervisor lives');
      kept.child.kill('SIGTERM');
      await socket.word('STOPPING', from);
      await socket.word('EXTEND_TIMEOUT_USEC', from);
      await until('its end', async () => kept.child.exitCode === 0, 40_000);
    } finally {
      await kept.stop();
    }
  });

  itWith('systemd-notify', 'gives signs of life while its loop turns, and none while that stalls', async () => {
    const kept = await start({ NODE_OPTIONS: `--import=${STALLING}`, KEPT_TEST_STALL_MS: '6000' });
    await until('three signs of life', async () => beats() >= 3);
    const times = socket.told.filter(({ fields }) => fields.WATCHDOG === '1').map(({ at }) => at);
    assert.ok(Math.max(...times.slice(1).map((at, i) => at - (times[i] ?? at))) < WATCHDOG_MS, 'twice in the time of the watchdog');
    const from = socket.told.length;
    const stalledAt = Date.now();
    process.kill(kept.child.pid as number, 'SIGUSR2');
    // What was on its way may still come.
    const after = await until('a sign of life after the stall', async () =>
      socket.told.slice(from).find(({ at, fields }) => fields.WATCHDOG === '1' && at > stalledAt + 500),
    );
    assert.ok(after.at - stalledAt > WATCHDOG_MS * 2, `silent for ${after.at - stalledAt} ms: systemd would have restarted it`);
  });

  itWith('systemd-notify', 'gives no sign of life while its store does not answer, though its loop turns', async () => {
    const database = await freshDatabase();
    const network = await openBlackHole(Number(new URL(database.url).port));
    try {
      const url = new URL(database.url);
      url.port = String(network.port);
      await start({ DATABASE_URL: url.href });
      await until('a sign of life', async () => beats() >= 2);
      network.swallow();
      const word = async () => {
        const last = socket.told.findLast(({ fields }) => fields.WATCHDOG === '1');
        return last !== undefined && Date.now() - last.at > WATCHDOG_MS * 3 && last;
      };
      const last = await until('silence', word, 60_000);
      console.log(`      silent since ${Date.now() - last.at} ms`);
    } finally {
      for (const one of running.splice(0)) await one.kill();
      network.close();
      await database.drop();
    }
  });
});
