import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeSite, type Site, typed } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const KEY = `sk-ant-api03-${'PlantedSecret'.repeat(4)}`;
const TOKEN = `xoxb-${'1234567890'.repeat(2)}-${'PlantedInTheLog'.repeat(2)}`;

describe('kept doctor, as a person runs it', function () {
  this.timeout(120_000);
  let site: Site;
  let lock: string;
  before(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal' });
    lock = join(site.dataDir, 'worker-killed.lock');
    await mkdir(join(site.dataDir, 'logs'), { recursive: true, mode: 0o700 });
    for (const path of [lock, lock.replace('.lock', '.pid')]) await writeFile(path, '', { mode: 0o600 });
    await writeFile(
      join(site.dataDir, 'logs', 'kept.log'),
      `${JSON.stringify({ level: 'error', time: '2026-11-30T00:00:00.000Z', area: 'outbox', msg: `Ada said ${TOKEN}`, chatId: 'telegram:501' })}\n` +
        `${JSON.stringify({ level: 'error', time: '2026-11-30T00:00:01.000Z', msg: 'not sent to telegram:501' })}\n`,
      { mode: 0o600 },
    );
    await writeFile(join(site.root, '.env'), `ANTHROPIC_API_KEY=${KEY}\nKEPT_MODEL=x\n`, { mode: 0o600 });
    const config = join(site.root, 'workspace_config.json');
    const people = { 'telegram:501': { name: 'Ada', role: 'owner' } };
    const before = JSON.parse(await readFile(config, 'utf8'));
    before.dm_whitelist.allowed_user_ids = { 501: { description: 'Ada' } };
    await writeFile(config, JSON.stringify({ ...before, people }));
  });
  after(() => site.remove());

  it('says what, where and how to mend it, as JSON of one shape, and exits as health does', async () => {
    const { code, stdout } = await runKept(site, ['doctor', '--json', '--only', 'config.env,process']);
    const { status, checks, ...more } = JSON.parse(stdout);
    expect([code, status, more]).to.deep.equal([1, 'degraded', {}]);
    expect(checks.filter(({ status: one }: { status: string }) => one === 'warn')).to.deep.equal([
      {
        id: 'config.env',
        status: 'warn',
        message: 'KEPT_MODEL (.env: line 2): no such variable is known: it has no effect',
        where: 'KEPT_MODEL (.env: line 2)',
        fixHint: 'did you mean "KEPT_MODELS"?',
      },
      {
        id: 'process.lock',
        status: 'warn',
        message: `${lock}: the process that made it has ended`,
        where: lock,
        fixHint: `\`${typed('doctor --fix')}\` removes it`,
      },
    ]);
  });

  it('lists repairs and does none of them without a yes; with one, it does them, and looks again', async () => {
    const asked = await runKept(site, ['doctor', '--fix', '--only', 'process.lock']);
    expect(asked.code).to.equal(64);
    expect(asked.stdout).to.match(/Repairs:\n {2}process\.lock +remove .*worker-killed\.lock/);
    expect(asked.stderr).to.match(/nothing was changed: repairs need a yes, on a terminal or by --yes/);
    expect(existsSync(lock)).to.equal(true);
    const done = await runKept(site, ['doctor', '--fix', '--yes', '--json', '--only', 'process.lock']);
    expect(done.code).to.equal(0);
    expect(done.stderr).to.match(/done {5}process\.lock: remove .*worker-killed\.lock/);
    expect(JSON.parse(done.stdout)).to.deep.equal({
      status: 'healthy',
      checks: [{ id: 'process.lock', status: 'ok', message: 'no lock without its process' }],
    });
    expect(existsSync(lock)).to.equal(false);
  });

  it('writes a report that holds no secret, no person, no id and no home directory', async () => {
    const { stdout } = await runKept(site, ['doctor', '--report', '--only', 'config,storage']);
    for (const title of ['Kept', 'Settings', 'Checks: degraded', 'Last errors of the log']) expect(stdout).to.include(`## ${title}\n`);
    expect(stdout).to.include('not sent to telegram:[id]');
    expect(stdout).to.match(/error outbox: \[person\] said \S*redacted/);
    for (const planted of [KEY, 'PlantedSecret', TOKEN, 'PlantedInTheLog', 'Ada', '501']) expect(stdout).not.to.include(planted);
    if ((site.env.HOME ?? '').length > 1) expect(stdout).not.to.include(`${site.env.HOME}/`);
  });

  it('refuses a check that does not exist, and options that contradict each other, as usage errors', async () => {
    const unknown = await runKept(site, ['doctor', '--skip', 'storage.dsik', '--json']);
    expect([unknown.code, JSON.parse(unknown.stdout).error.code]).to.deep.equal([64, 'usage/unknown-check']);
    const alone = await runKept(site, ['doctor', '--yes', '--json']);
    expect([alone.code, JSON.parse(alone.stdout).error.code]).to.deep.equal([64, 'usage/yes-without-fix']);
    const mistyped = await runKept(site, ['health', '--jsn']);
    expect([mistyped.code, mistyped.stdout]).to.deep.equal([64, '']);
  });
});
