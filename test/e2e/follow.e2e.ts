import { strict as assert } from 'node:assert';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';

const execute = promisify(execFile);

describe('following promises from the command line', function () {
  this.timeout(120_000);
  let site: Site;
  let kept: KeptProcess;
  const followers: ChildProcess[] = [];

  beforeEach(async () => {
    site = await makeSite({ KEPT_REHEARSAL_PACE_MS: '300' });
    kept = await startKept(site, 'start');
  });
  afterEach(async () => {
    for (const follower of followers.splice(0)) if (follower.exitCode === null) follower.kill('SIGKILL');
    await kept.stop();
    await site.remove();
  });

  const run = async (...words: string[]) => (await execute(process.execPath, [KEPT, ...words], { env: site.env, cwd: site.root })).stdout;
  const refused = (...words: string[]) =>
    run(...words).then(
      () => assert.fail('it was not refused'),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );
  const make = async (...words: string[]) => (JSON.parse(await run('promises', 'make', ...words, '--json')) as { id: number }).id;
  const follow = (...words: string[]) => {
    const child = spawn(process.execPath, [KEPT, 'promises', ...words, '--follow'], { env: site.env, cwd: site.root, stdio: 'pipe' });
    followers.push(child);
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    const exited = once(child, 'close').then(([code]) => code as number);
    return { child, exited, lines: () => out.split('\n').filter(Boolean) };
  };

  it('one promise, until it is kept: with its progress, a line of JSON for each change, and exit code 0', async () => {
    const { exited, lines } = follow('show', String(await make('count the TODO comments in src', '--type', 'search')), '--json');
    assert.equal(await exited, 0);
    const states = lines().map((line) => JSON.parse(line) as { status: string; progress?: string });
    assert.equal(states.at(-1)?.status, 'completed');
    assert.ok(
      states.some(({ status, progress }) => status === 'in_progress' && progress === 'searching files'),
      lines().join('\n'),
    );
  });

  it('one that is cancelled meanwhile ends with exit code 1; one that has ended is told at once', async () => {
    const id = String(await make('count the TODO comments in src', '--at', 'PT60M'));
    const { exited, lines } = follow('show', id);
    await until('it is shown', async () => lines().length > 0);
    await run('promises', 'cancel', id);
    assert.equal(await exited, 1);
    assert.match(lines().at(-1) ?? '', /#1 {2}cancelled {4}analysis {2}(delivered: )?By the operator\.$/);
    assert.equal(await follow('show', id).exited, 1);
  });

  it('all of a kind, as they come, until Ctrl-C, which is exit code 0', async () => {
    await make('compare the tables', '--at', 'PT60M', '--type', 'analysis');
    await make('count the TODO comments in docs', '--at', 'PT60M', '--type', 'search');
    const { child, exited, lines } = follow('list', '--type', 'search');
    await until('the first line', async () => lines().length === 1);
    await make('count the TODO comments in src', '--type', 'search');
    await make('fix the tables', '--at', 'PT60M', '--type', 'code');
    await until('the end', async () => lines().some((line) => / #3 {2}completed /.test(line)));
    child.kill('SIGINT');
    assert.equal(await exited, 0);
    assert.ok(lines().every((line) => / #[23] /.test(line) && / search /.test(line)));
  });

  it('lists of a kind, chat and workspace; cancels and retries several at once, and what is refused keeps none from it', async () => {
    for (const type of ['code', 'search', 'code']) await make('compare the tables', '--at', 'PT60M', '--type', type);
    const listed = async (...words: string[]) =>
      (JSON.parse(await run('promises', 'list', '--json', ...words)) as { promises: { id: number }[] }).promises.map(({ id }) => id);
    assert.deepEqual(await listed('--type', 'code'), [3, 1]);
    const unknown = await refused('promises', 'list', '--workspace', 'Nowhere');
    assert.deepEqual([unknown.code, /there is no workspace Nowhere/.test(unknown.stderr)], [1, true]);
    const { code, stdout, stderr } = await refused('promises', 'cancel', '1', '9', '3');
    assert.equal(code, 1);
    assert.equal(stdout, 'Promise #1 is cancelled.\nPromise #3 is cancelled.\n');
    assert.match(stderr, /there is no promise #9/);
    assert.deepEqual(
      (JSON.parse(await run('promises', 'retry', '1', '3', '--json')) as { status: string }[]).map(({ status }) => status),
      ['pending', 'pending'],
    );
  });

  it('one that was cancelled under a worker that has died is not tried again at once, and when it can be is said', async () => {
    const id = String(await make('write 90000 characters slowly'));
    const status = async () => (JSON.parse(await run('promises', 'show', id, '--json')) as { status: string }).status;
    await until('it runs', async () => (await status()) === 'in_progress');
    await kept.kill();
    await run('promises', 'cancel', id);
    const { code, stdout, stderr } = await refused('promises', 'retry', id);
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^kept: the last run of promise #1 may not have ended yet; try again in \d+ s\n$/);
    assert.equal(await status(), 'cancelled');
  });
});
