import { strict as assert } from 'node:assert';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, symlinkSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { chatApi, until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, makeSite, type Site, startKept, typed } from '../support/kept-process.ts';

const NOBODY_WORKS = `No worker is running: promises wait until you start one with \`${typed('worker')}\` or \`${typed('start')}\`.\n`;

/** What the command line says, and with which exit code, when it can't do what is asked, or need not. */
describe('the words and exit codes of the command line', function () {
  this.timeout(60_000);
  let site: Site;
  let kept: KeptProcess;

  before(async () => {
    site = await makeSite();
    kept = await startKept(site, 'bot');
  });
  after(async () => {
    await kept?.stop();
    await site.remove();
  });

  const run = async (words: readonly string[], { env = {}, out = 'pipe' as 'pipe' | number } = {}) => {
    const child = spawn(process.execPath, [KEPT, ...words], {
      env: { ...site.env, ...env },
      cwd: site.root,
      stdio: ['ignore', out, 'pipe'],
    });
    const ended = once(child, 'close');
    const [stdout, stderr] = await Promise.all([child.stdout ? text(child.stdout) : '', child.stderr ? text(child.stderr) : '']);
    const [code] = (await ended) as [number | null];
    return { code, stdout, stderr };
  };

  it('a key that is taken names the promise that was made for it; an empty one is wrong usage', async () => {
    const made = await run(['promises', 'make', 'list files', '--key', 'nightly']);
    assert.deepEqual([made.stdout, made.stderr], ['Promise #1 is pending.\n', NOBODY_WORKS]);
    const again = await run(['promises', 'make', 'something else', '--key', 'nightly']);
    const before = 'Promise #1 already has this key (list files); no new promise was made.\n';
    assert.deepEqual(again, { code: 0, stdout: before, stderr: NOBODY_WORKS });
    await run(['promises', 'cancel', '1']);
    assert.deepEqual(await run(['promises', 'make', 'something else', '--key', 'nightly']), { code: 0, stdout: before, stderr: '' });
    assert.equal((await run(['promises', 'make', 'x', '--key', ''])).code, 2);
  });

  it('what starts later or has a deadline says when, on the clocks of the time zone; a time that they leave out says for what it is taken', async () => {
    const env = { KEPT_TIME_ZONE: 'Europe/Berlin' };
    const year = new Date().getUTCFullYear() + 1;
    const sunday = 31 - new Date(Date.UTC(year, 2, 31)).getUTCDay();
    const times = ['--at', `${year}-03-${sunday}T02:30`, '--deadline', `${year}-04-30T16:00Z`];
    const { stdout, stderr } = await run(['promises', 'make', 'look', ...times], { env });
    const from = `${year}-03-${sunday} 03:30`;
    assert.equal(stdout.replace(/#\d+/, '#n'), `Promise #n is pending, from ${from}, by ${year}-04-30 18:00 (Europe/Berlin).\n`);
    assert.equal(stderr, `The clocks of Europe/Berlin skip ${times[1]}: ${from} is used instead.\n${NOBODY_WORKS}`);
  });

  it('a TZ that names no time zone is warned of wherever times are written or read, once', async () => {
    const env = { TZ: 'Mars/Crater' };
    for (const words of [
      ['promises', 'make', 'look', '--at', 'PT90M'],
      ['schedules', 'make', 'look', '--cron', '@daily'],
      ['schedules', 'list'],
    ]) {
      const { code, stderr } = await run(words, { env });
      assert.deepEqual([code, stderr.match(/"Mars\/Crater" is no time zone: all clocks are taken to show UTC/g)?.length], [0, 1]);
    }
    const { stderr } = await run(['schedules', 'list'], { env: { ...env, KEPT_TIME_ZONE: 'Europe/Berlin' } });
    assert.equal(stderr, '');
  });

  it('wrong words for a task are wrong usage; a parent that is not there is not', async () => {
    for (const words of [
      ['promises', 'make', ' '],
      ['schedules', 'make', 'x', '--cron', 'often'],
      ['schedules', 'make', 'x', '--cron', '0 9 * * *', '--time-zone', 'Moon/Crater'],
    ])
      assert.equal((await run(words)).code, 2, words.join(' '));
    const orphan = await run(['promises', 'make', 'x', '--after', '99']);
    assert.deepEqual([orphan.code, orphan.stderr], [1, 'kept: there is no promise #99 in this chat\n']);
  });

  it('a local chat has one short number in every command, and a Telegram chat its id', async () => {
    const of = async (...words: string[]) => JSON.parse((await run([...words, '--json'])).stdout);
    const { id, chatId } = await of('promises', 'make', 'count the beans', '--chat', '7');
    assert.equal(chatId, 'local:7');
    const { id: schedule } = await of('schedules', 'make', 'count again', '--cron', '0 9 * * *', '--chat', '7');
    const { messageId } = await chatApi(() => kept.url).post('/ping', 7);
    for (const [chat, found] of [
      ['7', true],
      ['local:7', true],
      ['telegram:7', false],
    ] as const) {
      assert.deepEqual(
        (await of('promises', 'list', '--chat', chat)).promises.map((one: { id: number }) => one.id),
        found ? [id] : [],
        chat,
      );
      assert.deepEqual(
        (await of('schedules', 'list', '--chat', chat)).schedules.map((one: { id: number }) => one.id),
        found ? [schedule] : [],
      );
      assert.equal((await run(['explain', messageId.replace('local:', ''), '--chat', chat])).code, found ? 0 : 1);
      assert.equal((await run(['explain', messageId, '--chat', chat])).code, found ? 0 : 2);
    }
    assert.match(
      (await run(['explain', '1', '--chat', '123456789'])).stderr,
      /^kept: nothing is known of message local:1 of chat local:123456789: it never came in, or was forgotten since \(--chat local:<n> names .+ --chat telegram:<id> one of Telegram\)\n$/,
    );
    const tooLong = await run(['explain', '1', '--chat', '1234567890']);
    assert.deepEqual([tooLong.code, /write telegram:<id>/.test(tooLong.stderr)], [2, true]);
    for (const words of [['chat'], ['promises', 'make', 'x'], ['schedules', 'make', 'x', '--cron', '0 9 * * *']]) {
      const refused = await run([...words, '--chat', '-100123']);
      assert.deepEqual([refused.code, /is not a local chat/.test(refused.stderr)], [2, true], words.join(' '));
    }
  });

  const onLinux = process.platform === 'linux' ? it : () => undefined;
  onLinux("output that can't be written is one sentence and exit code 1", async () => {
    const { code, stderr } = await run(['promises', 'list'], { out: openSync('/dev/full', 'w') });
    assert.equal(code, 1);
    assert.match(stderr, /^kept: its output can't be written \(ENOSPC[^\n]*\n$/);
  });

  it('config check names PostgreSQL without its password, and what Telegram is used as', async () => {
    const { stdout } = await run(['config', 'check'], {
      env: {
        DATABASE_URL: 'postgres://kept:orchard@db.example:5433/promises',
        TELEGRAM_API_ID: '1',
        TELEGRAM_API_HASH: '0'.repeat(32),
      },
    });
    assert.match(stdout, /storage +PostgreSQL at db\.example:5433\/promises\n/);
    assert.match(stdout, /telegram +a person's account\n/);
    assert.doesNotMatch(stdout, /orchard/);
  });

  it('config check says which coding agent there is, and whether it is found', async () => {
    const check = (KEPT_CODING_AGENT: string) =>
      run(['config', 'check'], { env: { KEPT_CODING_AGENT, ANTHROPIC_API_KEY: 'sk-ant-made-up' } });
    const [none, node, missing, claude] = await Promise.all([
      check(''),
      check(`acp:${process.execPath} --acp`),
      check('acp:no-such-command'),
      check('claude-code'),
    ]);
    assert.match(none.stdout, /coding +not used\n/);
    assert.match(node.stdout, /coding +acp:\S+node --acp, (in|without) bubblewrap\n/);
    assert.equal(missing.code, 78);
    assert.match(missing.stdout, /names the command no-such-command, which is not found/);
    assert.equal(claude.code, 0);
    assert.match(claude.stdout, /coding +claude-code, /);
    if (/coding +claude-code, whose package is missing/.test(claude.stdout))
      assert.match(claude.stdout, /warning: KEPT_CODING_AGENT\n.*\n {2}→ run `npm install @anthropic-ai\/claude-agent-sdk` in one of them/);
  });

  it('looks and stops work with a broken configuration, which they tell in a line; what makes or starts something refuses it', async () => {
    const broken = join(site.root, 'broken.json');
    writeFileSync(broken, '{ broken');
    const env = { KEPT_CONFIG: broken, PORT: 'abc' };
    const told = new RegExp(
      `^warning: the configuration has errors \\(PORT, ${broken}: line 1, column 3\\); this command works without it\\. [^\\n]*\\n$`,
    );
    const looks = [['status'], ['health'], ['promises', 'list'], ['promises', 'stats'], ['schedules', 'list']];
    for (const { code, stderr } of await Promise.all(looks.map((words) => run(words, { env })))) {
      assert.ok(code === 0 || code === 1);
      assert.match(stderr, told);
    }
    const nobody = { ...env, KEPT_DATA_DIR: join(site.root, 'nowhere') };
    const stopped = await run(['stop'], { env: nobody });
    assert.deepEqual([stopped.code, stopped.stdout], [0, `Nothing is running on ${nobody.KEPT_DATA_DIR}.\n`]);
    assert.match(stopped.stderr, told);
    const [started, made, lost] = await Promise.all([
      run(['start'], { env }),
      run(['promises', 'make', 'x'], { env }),
      run(['stop'], { env: { KEPT_DATA_DIR: broken } }),
    ]);
    assert.deepEqual([started.code, made.code, lost.code], [78, 78, 78]);
    assert.match(started.stderr, /\nNothing was started\. /);
    for (const { stderr } of [made, lost]) assert.doesNotMatch(stderr, /started/);
    assert.equal(existsSync(nobody.KEPT_DATA_DIR), false);
  });

  onLinux('serves on, is degraded and ends well when neither log nor output can be written', async () => {
    const dataDir = join(site.root, 'mute');
    mkdirSync(join(dataDir, 'logs'), { recursive: true });
    symlinkSync('/dev/full', join(dataDir, 'logs/kept.log'));
    const full = openSync('/dev/full', 'w');
    const mute = spawn(process.execPath, [KEPT, 'start'], {
      env: { ...site.env, KEPT_DATA_DIR: dataDir },
      cwd: site.root,
      stdio: ['ignore', full, full],
    });
    const exited = once(mute, 'exit');
    try {
      const { url } = await until('what it tells of itself', async () => {
        const told = await readFile(join(dataDir, 'kept.json'), 'utf8').catch(() => '');
        return told !== '' && (JSON.parse(told) as { url: string });
      });
      await chatApi(() => url).post('hello', 1);
      const { status, checks } = (await (await fetch(`${url}/health`)).json()) as { status: string; checks: { id: string }[] };
      assert.deepEqual([status, checks.some(({ id }) => id === 'process.log')], ['degraded', true]);
    } finally {
      mute.kill('SIGTERM');
    }
    assert.deepEqual(await exited, [0, null]);
  });

  // Nothing is read-only to root.
  const asOrdinaryUser = process.getuid?.() === 0 ? () => undefined : it;
  asOrdinaryUser("a data directory that can't be written is exit code 78, for config check as for a start", async () => {
    mkdirSync(join(site.root, 'read-only'), { mode: 0o555 });
    const env = { KEPT_DATA_DIR: join(site.root, 'read-only') };
    const checked = await run(['config', 'check'], { env });
    assert.deepEqual([checked.code, /can't be used as the data directory/.test(checked.stdout)], [78, true]);
    for (const words of [['start'], ['start', '--detach']]) {
      const { code, stderr } = await run(words, { env });
      assert.equal(code, 78);
      assert.match(stderr, /^kept: KEPT_DATA_DIR: [^\n]* can't be used as the data directory[^\n]*\n$/);
    }
  });

  it('status on PostgreSQL speaks of this machine alone; while no worker runs, status and what makes it work say so', async () => {
    const bot = await run(['status']);
    assert.deepEqual(
      [bot.code, bot.stdout.endsWith(`\nNo worker is running: promises wait. Start one with \`${typed('worker')}\`.\n`)],
      [0, true],
    );
    await kept.stop();
    await run(['promises', 'cancel', '1']);
    assert.deepEqual(await run(['promises', 'retry', '1']), { code: 0, stdout: 'Promise #1 is pending.\n', stderr: NOBODY_WORKS });
    const worker = await startKept(site, 'worker');
    try {
      const env = { DATABASE_URL: 'postgres://kept@db.example/promises' };
      const { code, stdout } = await run(['status'], { env });
      assert.equal(code, 1);
      assert.match(stdout, /No bot is running on this machine\.\n$/);
      const { stdout: here } = await run(['status']);
      assert.match(here, /nobody answers/);
      assert.doesNotMatch(here, /No worker/);
      assert.equal((await run(['promises', 'make', 'count'])).stderr, '');
    } finally {
      await worker.stop();
    }
  });
});
