import { strict as assert } from 'node:assert';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireProcessLock, systemClock } from '../../../src/adapters/system/index.ts';
import { makeRunProbes } from '../../../src/application/index.ts';
import { BOT_LOCK, infoPath } from '../../../src/main/data-dir.ts';
import { checkHealth } from '../../../src/main/health.ts';
import { openDataDir } from '../../../src/main/open-data-dir.ts';
import { PROBES } from '../../../src/main/probes/probe-list.ts';
import { besideBot, botToAsk } from '../../../src/main/probes/told-by-bot.ts';
import { silentEvents, silentLogger } from '../../../src/ports/index.ts';
import { makeFixedClock } from '../../../src/testing/index.ts';
import { openBlackHole } from '../../support/black-hole.ts';
import { type Handler, listenHttp } from '../../support/loopback.ts';
import { configOf } from '../../support/site-config.ts';

const json =
  (status: number, body: object): Handler =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));

const TOLD = {
  status: 'healthy',
  checks: [
    { id: 'gateway.telegram', status: 'ok', message: 'connected as @kept_bot' },
    { id: 'mcp.files', status: 'ok', message: 'connected, 3 tools' },
    { id: 'process.leader', status: 'ok', message: 'leads and answers' },
  ],
};

describe('what a process tells beside the running ones', () => {
  let dir: string;
  let dataDir: string;
  const closers: (() => Promise<unknown>)[] = [];
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-beside-'));
    dataDir = join(dir, 'data');
    openDataDir(dataDir);
    await writeFile(
      join(dir, '.mcp.json'),
      JSON.stringify({ mcpServers: { files: { command: process.execPath, args: ['-e', 'process.exit(3)'] } } }),
    );
  });
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    await rm(dir, { recursive: true });
  });

  const TELEGRAM = { TELEGRAM_API_ID: '1', TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2), TELEGRAM_DC_ADDRESS: '127.0.0.1:1' };
  const config = (more: Record<string, string> = {}) =>
    configOf({ KEPT_DATA_DIR: dataDir, PATH: process.env.PATH, ...TELEGRAM, ...more }, dir);
  /** A bot that runs here, and answers so. */
  const runBot = async (handle: Handler): Promise<string[]> => {
    const paths: string[] = [];
    const bot = await listenHttp((request, response) => {
      paths.push(request.url ?? '');
      return handle(request, response);
    });
    const lock = await acquireProcessLock(dataDir, BOT_LOCK);
    closers.push(bot.close, () => lock.release());
    await writeFile(infoPath(dataDir), JSON.stringify({ role: 'start', pid: process.pid, url: bot.url }));
    return paths;
  };
  const look = async (depth: 'cheap' | 'deep' = 'cheap', made = config()) => {
    const bot = await botToAsk(made, 'cheap');
    const probes = besideBot(made, bot, { clock: systemClock, events: silentEvents });
    const readings = await makeRunProbes({ clock: systemClock })(probes, { depth });
    return {
      checks: new Map(readings.map(({ check }) => [check.id, check])),
      unseen: await bot.unseen(new Set(probes.map(({ id }) => id))),
    };
  };

  it('is what the running bot says, which is asked once, and what else that knows', async () => {
    const paths = await runBot(json(200, TOLD));
    const { checks, unseen } = await look();
    assert.deepEqual(
      [...checks.values()].filter(({ status }) => status !== 'skipped').map(({ id, status }) => `${id} ${status}`),
      ['process.bot ok', 'gateway.telegram ok', 'mcp.files ok'],
    );
    assert.equal(checks.has('process.log'), false, 'a bot that says nothing of its log can write it');
    assert.equal(checks.get('gateway.local')?.message, 'the running bot does not say', 'of what this one leaves out, nobody knows');
    assert.deepEqual(
      unseen.map(({ id }) => id),
      ['process.leader'],
    );
    assert.deepEqual(paths, ['/api/health?deep=false']);
  });

  it('is asked of the bot, where it costs money, so that nothing is paid twice', async () => {
    const agent = { id: 'agent.telegram_chat_agent', status: 'ok', message: 'it answered' };
    const paths = await runBot(json(200, { ...TOLD, checks: [...TOLD.checks, agent] }));
    const made = config({ KEPT_MODELS: 'rehearsal' });
    await writeFile(join(dataDir, 'system.db'), '');
    const { checks } = await checkHealth(made, silentLogger, 'deep');
    assert.deepEqual(paths, ['/api/health?deep=true']);
    assert.deepEqual(
      checks.find(({ id }) => id === agent.id),
      agent,
    );
  });

  it('is little of a bot that wants a token, and of one that knows no more', async () => {
    await runBot((request, response) =>
      request.url === '/health' ? json(200, { status: 'degraded' })(request, response) : json(401, { error: {} })(request, response),
    );
    const { checks } = await look();
    const bot = checks.get('process.bot');
    assert.equal(bot?.status, 'warn');
    assert.match(bot?.fixHint ?? '', /KEPT_API_TOKEN/);
    assert.deepEqual(checks.get('mcp.files'), {
      id: 'mcp.files',
      status: 'skipped',
      message: 'the running bot does not say',
      fixHint: 'see process.bot',
    });
  });

  it('is a warning of a bot that breaks off, and a look from here at Telegram, as nobody', async () => {
    await runBot((_, response) => void response.destroy());
    const { checks } = await look();
    assert.equal(checks.get('process.bot')?.status, 'warn');
    assert.match(checks.get('process.bot')?.fixHint ?? '', /restart it: .*restart`$/);
    assert.equal(checks.get('gateway.telegram')?.status, 'fail');
    assert.equal(checks.get('gateway.telegram')?.fixHint, 'see TELEGRAM_DC_ADDRESS');
  });

  it('names what only a bot can tell where none runs, and how to have it; of Telegram only where that is used', async () => {
    const { checks } = await look();
    const ofBot = Object.keys(PROBES).filter((id) => PROBES[id]?.ofBot);
    assert.ok(ofBot.includes('gateway.telegram-rights') && ofBot.includes('process.log'));
    for (const id of ofBot) {
      assert.equal(checks.get(id)?.status, 'skipped', id);
      assert.match(checks.get(id)?.message ?? '', /only the running bot can tell it/);
      assert.match(checks.get(id)?.fixHint ?? '', /start it with/);
    }
    const without = await look('cheap', configOf({ KEPT_DATA_DIR: dataDir, PATH: process.env.PATH }, dir));
    assert.ok(!without.checks.has('gateway.telegram-rights') && without.checks.has('gateway.local'));
  });

  it('starts an MCP server only where that is wanted, and says why one does not start', async () => {
    const cheap = await look();
    assert.equal(cheap.checks.get('mcp.files')?.status, 'skipped');
    assert.deepEqual(
      [cheap.checks.get('process.bot')?.status, cheap.checks.get('process.bot')?.message],
      ['skipped', 'no bot answers on this data'],
    );
    const deep = (await look('deep')).checks.get('mcp.files');
    assert.equal(deep?.status, 'warn', deep?.message);
    assert.match(deep?.fixHint ?? '', /./);
  });

  for (const [id, stall] of [
    ['process.bot', async () => void (await runBot(() => undefined))],
    ['gateway.telegram', async () => undefined],
  ] as const)
    it(`waits no longer than its limit for ${id}`, async () => {
      const hole = await openBlackHole(1);
      hole.swallow();
      closers.push(async () => hole.close());
      await stall();
      const made = config({ TELEGRAM_DC_ADDRESS: `127.0.0.1:${hole.port}` });
      const timers = makeFixedClock();
      const bot = await botToAsk(made, 'cheap');
      const probe = besideBot(made, bot, { clock: systemClock, events: silentEvents }).find((one) => one.id === id);
      assert.ok(probe);
      assert.equal(PROBES[id]?.limitMs, probe.limitMs);
      const running = makeRunProbes({ clock: timers })([probe], { depth: 'cheap' });
      await timers.untilTimer();
      timers.advance(probe.limitMs);
      const [reading] = await running;
      assert.ok(['warn', 'fail'].includes(reading?.check.status ?? ''), reading?.check.message);
      assert.match(reading?.check.message ?? '', /no answer within/);
      assert.ok(reading?.check.fixHint);
    });
});
