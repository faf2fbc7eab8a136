import { strict as assert } from 'node:assert';
import { join } from 'node:path';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, startKept } from '../support/kept-process.ts';
import { freshDatabase } from '../support/postgres.ts';
import { runKept } from '../support/run-kept.ts';
import { ADA, BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

/** Every message that Ada sent is answered once, in order. */
const assertAnswered = async (site: TelegramSite, ids: readonly number[]): Promise<void> => {
  const { sent } = site.server;
  const answered = (id: number) => sent.items.some(({ chat, replyTo }) => chat === ADA && replyTo !== undefined && replyTo >= id);
  await until('the answers', async () => ids.every(answered), 30_000);
  const replies = sent.items.filter(({ chat }) => chat === ADA).map(({ replyTo }) => Number(replyTo));
  assert.deepEqual(
    replies,
    [...new Set(replies)].toSorted((a, b) => a - b),
  );
};

describe('bots of several machines on one PostgreSQL', function () {
  this.timeout(120_000);
  let site: TelegramSite;
  let database: Awaited<ReturnType<typeof freshDatabase>>;
  const running: KeptProcess[] = [];
  const asked: number[] = [];

  /** A bot on a machine of that name. */
  const start = async (machine: string): Promise<KeptProcess> => {
    const env = { ...site.env, DATABASE_URL: database.url, KEPT_DATA_DIR: join(site.root, machine) };
    const kept = await startKept({ ...site, env }, 'bot');
    running.push(kept);
    return kept;
  };
  const status = (machine: string) =>
    runKept({ root: site.root, env: { ...site.env, DATABASE_URL: database.url, KEPT_DATA_DIR: join(site.root, machine) } }, ['status']);
  const ask = (text: string): void => {
    const { world } = site.server;
    asked.push(world.messageId(world.sendMessage({ from: ADA, chat: BOT, text }), BOT));
  };
  const lead = async ({ url }: KeptProcess): Promise<string | undefined> => {
    const { checks } = (await (await fetch(`${url}/health`)).json()) as { checks: { id: string; message: string }[] };
    return checks.find(({ id }) => id === 'process.leader')?.message;
  };
  const takenOver = (kept: KeptProcess) => until('the take-over', async () => (await lead(kept)) === 'leads and answers', 30_000);
  const logins = () => site.server.calls.items.filter(({ method }) => method === 'auth.importBotAuthorization').length;

  before(async () => {
    database = await freshDatabase();
    site = await makeTelegramSite();
  });
  after(async () => {
    for (const kept of running) await kept.stop();
    await site?.remove();
    await database?.drop();
  });
  afterEach(() => site.server.assertClean());

  it('one answers; the other stands by, says for whom, and serves page and API', async () => {
    const first = await start('first');
    const second = await start('second');
    assert.equal(first.started.standsByFor, undefined);
    assert.match(second.started.standsByFor ?? '', new RegExp(`/${first.child.pid}/`));
    assert.match((await lead(second)) ?? '', /^stands by; /);
    assert.equal(await lead(first), 'leads and answers');
    const { stdout, code } = await status('second');
    assert.equal(code, 0);
    assert.match(
      stdout,
      new RegExp(`^bot \\(PID ${second.child.pid}\\), since \\S+; version \\S+, stands by for \\S+/${first.child.pid}/`),
    );
    assert.match(
      stdout,
      new RegExp(`\nbot in ${join(site.root, 'first')} \\(PID ${first.child.pid}\\), since \\S+; version \\S+, leads[,\n]`),
    );
    ask('who is there?');
    await assertAnswered(site, asked);
    const headers = { 'content-type': 'application/json' };
    const posted = await fetch(`${second.url}/api/chat/messages`, { method: 'POST', headers, body: JSON.stringify({ text: 'hello' }) });
    assert.equal(posted.status, 202);
    await until('the answer to what was posted at the one that stands by', async () => {
      const { messages } = (await (await fetch(`${second.url}/api/chat/messages`)).json()) as { messages: { from: string }[] };
      return messages.some(({ from }) => from === 'agent');
    });
    assert.equal(logins(), 1);
  });

  it('when the one is killed the other takes over, without a second login: each message is answered once, in order', async () => {
    const [first, second] = running as [KeptProcess, KeptProcess];
    for (let i = 0; i < 5; i++) ask(`before ${i}`);
    await first.kill();
    const from = performance.now();
    for (let i = 0; i < 5; i++) ask(`after ${i}`);
    await takenOver(second);
    const seconds = (performance.now() - from) / 1000;
    console.log(`      taken over ${seconds.toFixed(1)} s after the kill`);
    assert.ok(seconds < 15, `it took ${seconds} s`);
    await assertAnswered(site, asked);
    assert.equal(logins(), 1);
    const { stdout, code } = await status('first');
    assert.equal(code, 0);
    assert.match(
      stdout,
      new RegExp(`^bot in ${join(site.root, 'second')} \\(PID ${second.child.pid}\\), since \\S+; version \\S+, leads[,\n]`),
    );
    assert.match(stdout, new RegExp(`\nbot \\(PID ${first.child.pid}\\): silent since \\S+; it ended without a stop\n`));
  });

  it('when the one is stopped another takes over at its next look', async () => {
    const second = running[1] as KeptProcess;
    const third = await start('first');
    assert.match(third.started.standsByFor ?? '', new RegExp(`/${second.child.pid}/`));
    await second.stop();
    ask('and now?');
    await takenOver(third);
    await assertAnswered(site, asked);
    assert.equal(logins(), 1);
  });

  it('a leader that hangs past its lease finds itself followed, and stands by', async () => {
    const third = running[2] as KeptProcess;
    const fourth = await start('second');
    third.child.kill('SIGSTOP');
    ask('are you asleep?');
    await takenOver(fourth);
    await assertAnswered(site, asked);
    third.child.kill('SIGCONT');
    await until('the one that slept to stand by', async () => (await lead(third))?.startsWith('stands by'), 20_000);
    ask('good morning');
    await assertAnswered(site, asked);
    assert.equal(logins(), 1);
  });
});
