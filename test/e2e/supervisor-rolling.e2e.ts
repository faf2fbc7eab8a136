import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { chatApi, until } from '../support/chat-api.ts';
import { makeSite } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';
import { startSupervised } from '../support/supervised-site.ts';
import { longestPause, makeTraffic, type StoredMessage, settled } from '../support/upgrade-storm.ts';

// Set by the environment for longer runs.
const ROLLS = Number(process.env.KEPT_TEST_ROLLS ?? 1);
const MAX_PAUSE_MS = Number(process.env.KEPT_TEST_MAX_PAUSE_MS ?? 8_000);

const ALL = 'SELECT chat_id, message_id, text, answers, at FROM local_messages';

/** A port that was free a moment ago: a bot and the one that stands by listen at the same. */
const freePort = async (): Promise<number> => {
  const server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
};

describe('A rolling restart on PostgreSQL, under 20 messages a second', function () {
  this.timeout(180_000 + ROLLS * 90_000);

  for (const words of [
    ['--workers', '2', '--standby'],
    ['--workers', '1'],
  ])
    it(`of start ${words.join(' ')} loses none, answers none twice, and leaves the page reachable`, async () => {
      const { url, drop } = await freshDatabase();
      const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '1', DATABASE_URL: url, PORT: String(await freePort()) });
      const pool = new pg.Pool({ connectionString: url, max: 2 });
      const kept = await startSupervised(site, ...words);
      const page = kept.started[0]?.url ?? '';
      const read = async (): Promise<readonly StoredMessage[]> =>
        (await pool.query(ALL)).rows.map(({ chat_id, message_id, text, answers, at }) => ({
          chatId: chat_id,
          messageId: message_id,
          text,
          answers: JSON.parse(answers) as string[],
          at: Number(at),
        }));
      const isStored = async (text: string) => (await pool.query('SELECT 1 FROM local_messages WHERE text = $1', [text])).rows.length > 0;
      const traffic = makeTraffic({ isStored }, () => page);
      let refused = 0;
      const asking = setInterval(() => {
        chatApi(() => page)
          .get('/health')
          .catch(() => {
            refused++;
          });
      }, 100);
      try {
        traffic.begin();
        await wait(2_000);
        const names = kept.state().processes.map(({ name }) => name);
        const before = names.map(kept.pidOf);
        const rolls: { readonly from: number; readonly until: number }[] = [];
        const told: string[] = [];
        for (let i = 0; i < ROLLS; i++) {
          const from = Date.now();
          const { code, stdout, stderr } = await runKept(site, ['restart', '--rolling']);
          assert.equal(code, 0, stderr);
          rolls.push({ from, until: Date.now() });
          told.push(...(/(Nobody|Somebody) answered .*/.exec(stdout) ?? []).slice(0, 1));
        }
        await wait(1_000);
        const sent = await traffic.end();
        const all = await until('an answer to every message', () => settled({ read }, sent), 60_000);
        const pause = longestPause(all, rolls);
        console.log(
          `      ${JSON.stringify({ sent: sent.length, rolls: rolls.map((each) => each.until - each.from), longestPauseMs: pause, refused, told })}`,
        );
        assert.deepEqual(
          kept.state().processes.map(({ name }) => name),
          names,
          'the one for the occasion has left',
        );
        assert.ok(
          names.map(kept.pidOf).every((pid, i) => pid > 0 && pid !== before[i]),
          'each is another process',
        );
        assert.ok(pause <= MAX_PAUSE_MS, `${pause} ms without an answer`);
        // A connection that comes in just as a socket closes is refused, though another one listens there.
        assert.ok(refused <= 2 * ROLLS, `${refused} requests were refused`);
      } finally {
        clearInterval(asking);
        traffic.abandon();
        await kept.stop();
        await pool.end();
        await site.remove();
        await drop();
      }
    });

  it('is not needed where the bot or the one that stands by is killed: the other answers, and a new one stands by', async () => {
    const { url, drop } = await freshDatabase();
    const site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '1', DATABASE_URL: url, PORT: String(await freePort()) });
    const kept = await startSupervised(site, '--workers', '1', '--standby');
    const api = chatApi(() => kept.started[0]?.url ?? '');
    const answer = async (text: string): Promise<void> => {
      const { messageId } = await api.post(text, 1);
      await until('the answer', async () => (await api.messages(1)).some(({ answers }) => answers?.includes(messageId)), 30_000);
    };
    try {
      await answer('who is there?');
      for (const name of ['bot', 'standby', 'bot']) {
        const pid = kept.pidOf(name);
        process.kill(pid, 'SIGKILL');
        const from = performance.now();
        // Whatever was on its way to the one that was killed is sent again by whoever sent it.
        await until(
          'a message that is taken',
          () =>
            answer(`is ${name} away?`).then(
              () => true,
              () => false,
            ),
          30_000,
        );
        console.log(`      ${name} killed: answered after ${((performance.now() - from) / 1_000).toFixed(1)} s`);
        await kept.running(name, pid);
      }
      const { stdout } = await runKept(site, ['status']);
      assert.match(stdout, /^bot \(PID \d+\), since \S+; version \S+, (leads|stands by)/m);
      assert.match(stdout, /^standby \(PID \d+\), since \S+; version \S+, (leads|stands by)/m);
      assert.equal([...stdout.matchAll(/, leads[,\n]/g)].length, 1, stdout);
    } finally {
      await kept.stop();
      await site.remove();
      await drop();
    }
  });
});
