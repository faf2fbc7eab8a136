import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { openSqliteStorage } from '../../src/adapters/sqlite/storage.ts';
import { type ActiveSchedule, scheduleId } from '../../src/domain/index.ts';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, makeSite, PROJECT_TODOS, type Site, startKept } from '../support/kept-process.ts';

const execute = promisify(execFile);

describe('schedules, deadlines and the purge, with processes of their own', function () {
  this.timeout(60_000);
  let site: Site;
  const processes: KeptProcess[] = [];
  const run = async (...words: string[]): Promise<string> =>
    (await execute(process.execPath, [KEPT, ...words], { env: site.env, cwd: site.root })).stdout;
  const refused = async (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> => {
    try {
      await run(...words);
    } catch (error) {
      return error as { code: number; stdout: string; stderr: string };
    }
    throw new Error(`not refused: ${words.join(' ')}`);
  };

  before(async () => {
    site = await makeSite({ KEPT_TIME_ZONE: 'Europe/Berlin' });
    processes.push(await startKept(site, 'bot'), await startKept(site, 'worker'), await startKept(site, 'worker'));
  });
  after(async () => {
    await Promise.all(processes.map((one) => one.stop()));
    await site.remove();
  });

  /** Moves the schedule's next tick to now: nobody wants to wait for a full minute. */
  const letTick = async (id: number): Promise<void> => {
    const { stores, close } = await openSqliteStorage({ path: site.database });
    const schedule = (await stores.schedules.get(scheduleId(id))) as ActiveSchedule;
    await stores.schedules.save({ ...schedule, nextAt: Date.now() });
    await close();
  };

  it('what a person asks for every day is scheduled, kept at each tick once, listed in chat, and ended', async () => {
    const api = chatApi(() => processes[0]?.url ?? '');
    await api.post('every day at 9:00, count the TODO comments', 1);
    const answer = await until('an answer', async () => (await api.messages(1)).find(({ from }) => from === 'agent'));
    assert.match(
      answer.text,
      /Schedule #1 is made with this reply: \[0 9 \* \* \*, Europe\/Berlin; next \d{4}-\d\d-\d\d 09:00\] count the TODO/,
    );

    for (const n of [1, 2]) {
      await letTick(1);
      const kept = (text: string) => text.startsWith(`Promise #${n} is kept: count the TODO comments`);
      const result = await until(`tick ${n}`, async () => (await api.messages(1)).find(({ text }) => kept(text)));
      assert.match(result.text, new RegExp(`TODO comments: ${PROJECT_TODOS}\\b`));
      assert.equal(result.replyTo, 'local:1');
    }
    assert.equal((await api.promises()).length, 2, 'two workers, each tick once');

    await api.post('/promises', 1);
    const listed = await until('the list', async () => (await api.messages(1)).find(({ text }) => text.includes('Again and again:')));
    assert.match(listed.text, /Schedule #1 \(0 9 \* \* \*, Europe\/Berlin, next .* 09:00\): count the TODO comments/);
    await api.post('/cancel schedule 1', 1);
    await until('its end', async () => (await run('schedules', 'list')).includes('No schedules.'));
  });

  it('the command line makes, shows and ends schedules, and refuses in words what is none', async () => {
    const made = JSON.parse(await run('schedules', 'make', 'list files', '--cron', '0 9 * * 1-5', '--time-zone', 'Asia/Tokyo', '--json'));
    assert.equal(made.status, 'active');
    assert.match(made.nextAt, /T00:00:00\.000Z$/);
    assert.deepEqual(JSON.parse(await run('schedules', 'show', String(made.id), '--json')), made);
    assert.match(await run('schedules', 'list'), /0 9 \* \* 1-5 +\d{4}-\d\d-\d\d 09:00 \(Asia\/Tokyo\) +list files/);
    assert.match(await run('schedules', 'cancel', String(made.id)), /has ended/);
    const more = await Promise.all(['one', 'two'].map((name) => run('schedules', 'make', name, '--cron', '@daily', '--json')));
    const [one, two] = more.map((text) => JSON.parse(text).id);
    const several = await refused('schedules', 'cancel', String(one), '99', String(two));
    assert.deepEqual([several.code, several.stderr], [1, 'kept: there is no schedule #99\n']);
    assert.equal(several.stdout, `Schedule #${one} has ended.\nSchedule #${two} has ended.\n`);
    const { code, stderr } = await refused('schedules', 'make', 'x', '--cron', 'every day');
    assert.equal(code, 2);
    assert.match(stderr, /"every day" is no cron expression of five fields/);
  });

  it('a promise that is not done by its deadline fails, and its chat is told', async () => {
    const api = chatApi(() => processes[0]?.url ?? '');
    const made = await run('promises', 'make', 'count', '--at', 'PT1H', '--deadline', 'PT1H1S', '--chat', '2', '--json');
    assert.equal(JSON.parse(made).status, 'pending');
    await run('promises', 'make', 'write 100000 characters slowly', '--deadline', 'PT1S', '--chat', '2');
    const told = await until('the failure', async () => (await api.messages(2)).find(({ text }) => text.includes('deadline')));
    assert.match(told.text, /failed: write 100000 characters slowly\n\nIt was not done by its deadline\./);
    const { code, stderr } = await refused('promises', 'make', 'x', '--at', 'tomorrow');
    assert.equal(code, 2);
    assert.match(stderr, /"tomorrow" is not a time: write 2026-11-23T09:00 \(on the clocks of Europe\/Berlin\)/);
    assert.match(
      (await refused('promises', 'make', 'x', '--at', '2020-01-02T03:04')).stderr,
      /2020-01-02 03:04 \(Europe\/Berlin\) is past/,
    );
  });

  it('settled promises are purged by hand when they are old enough', async () => {
    const settled = JSON.parse(await run('promises', 'list', '--json')).promises.filter(
      ({ deliveredAt }: { deliveredAt?: string }) => deliveredAt,
    );
    assert.ok(settled.length >= 3);
    assert.match(
      await run('promises', 'purge', '--older-than', '0m', '--dry-run'),
      new RegExp(`^${settled.length} promises would be purged`),
    );
    assert.deepEqual(JSON.parse(await run('promises', 'purge', '--older-than', '0m', '--json')), { purged: settled.length, dryRun: false });
    const left = JSON.parse(await run('promises', 'list', '--json')).promises as { status: string }[];
    assert.deepEqual(
      left.map(({ status }) => status),
      ['pending'],
    );
  });
});
