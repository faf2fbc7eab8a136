import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { HealthReport } from '../../src/domain/index.ts';
import { until } from '../support/chat-api.ts';
import { KEPT, type KeptProcess, startKept } from '../support/kept-process.ts';
import { BOT, makeTelegramSite, type TelegramSite } from '../support/telegram-site.ts';

/** What a command prints, and its exit code. */
const run = async (
  { root, env }: TelegramSite,
  ...args: readonly string[]
): Promise<{ readonly stdout: string; readonly code: number }> => {
  const ended = promisify(execFile)(process.execPath, [KEPT, ...args], { cwd: root, env });
  return ended.then(
    ({ stdout }) => ({ stdout, code: 0 }),
    ({ stdout, code }: { readonly stdout: string; readonly code: number }) => ({ stdout, code }),
  );
};

const telegramIn = ({ checks }: Pick<HealthReport, 'checks'>) => checks.find(({ id }) => id === 'gateway.telegram');

/** The API and both commands report the same. */
const assertDown = async (site: TelegramSite, { url }: KeptProcess, words: RegExp): Promise<void> => {
  const told = async (): Promise<HealthReport> => (await fetch(`${url}/health`)).json() as Promise<HealthReport>;
  await until('the API says so', async () => {
    const found = telegramIn(await told());
    return found?.status === 'fail' && words.test(found.message);
  });
  assert.notEqual((await told()).status, 'healthy');
  const health = await run(site, 'health');
  assert.equal(health.code, 2);
  assert.match(health.stdout, /^Kept is unhealthy\.$/m);
  assert.match(health.stdout, new RegExp(`gateway\\.telegram +fail +.*${words.source}`));
  const status = await run(site, 'status');
  assert.match(status.stdout, new RegExp(`^gateway\\.telegram: fail, .*${words.source}`, 'm'));
};

describe('The health of a running bot whose Telegram is down', function () {
  this.timeout(60_000);
  let site: TelegramSite;
  let kept: KeptProcess;
  beforeEach(async () => {
    site = await makeTelegramSite();
    kept = await startKept(site, 'start');
  });
  afterEach(async () => {
    await kept?.stop();
    await site?.remove();
  });

  it('is reported by the API and both commands while the network is down, and as recovered afterwards', async () => {
    const well = await run(site, 'health');
    assert.equal(well.code, 0);
    assert.match(well.stdout, /^ {2}gateway\.telegram-round-trip +ok +answers in \d+ ms$/m);
    assert.match(well.stdout, /^ {2}gateway\.telegram-rights +ok +in 2 of 2 groups; privacy mode is off$/m);
    const ready = async () => (await fetch(`${kept.url}/health/ready`)).status;
    assert.equal(await ready(), 200);
    await site.server.goDown();
    await assertDown(site, kept, /not connected/);
    assert.equal(await ready(), 503);
    assert.equal((await fetch(`${kept.url}/health`)).status, 200, 'it lives all the same');
    await site.server.comeUp();
    await until('it is well again', async () => (await run(site, 'health')).code === 0);
  });

  it('is reported where Telegram has closed the account for good', async () => {
    site.server.refuse(BOT, 'USER_DEACTIVATED_BAN');
    site.server.cutConnections();
    await assertDown(site, kept, /closed or banned/);
  });
});
