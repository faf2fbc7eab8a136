import { strict as assert } from 'node:assert';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3-13';
import { loadConfig } from '../../src/config/index.ts';
import { checkLive } from '../../src/main/live-check.ts';

describe('config check --live', () => {
  let dir: string;
  let server: Server;
  let answer: { status: number; body: unknown };
  let asked: string | undefined;
  const port = (): number => (server.address() as AddressInfo).port;
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-live-'));
    server = createServer(({ url, headers }, response) => {
      asked = `${url} ${headers.authorization ?? headers['x-api-key'] ?? ''}`;
      if (answer.status === 0) return;
      response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await rm(dir, { recursive: true });
  });

  const look = async (env: Record<string, string>, timeoutMs?: number) => {
    const loaded = loadConfig({
      env: { KEPT_DATA_DIR: dir, PORT: '0', ...env },
      cwd: dir,
      readFile: () => undefined,
      kindOf: () => 'directory',
    });
    assert.ok(loaded.ok);
    return new Map((await checkLive(loaded.value, timeoutMs)).map((one) => [one.name, one]));
  };
  const model = (): Record<string, string> => ({
    OPENAI_BASE_URL: `http://127.0.0.1:${port()}/v1`,
    OPENAI_API_KEY: 'a-key',
    OPENAI_MODEL: 'small',
  });

  it('says whether the package of a model is installed', async () => {
    const found = await look({ KEPT_MODELS: 'ai-sdk:anthropic/claude-x,ai-sdk:nobody-has-this/x' });
    assert.deepEqual(found.get('ai-sdk:anthropic/claude-x'), {
      name: 'ai-sdk:anthropic/claude-x',
      ok: true,
      detail: 'its package is installed, and speaks version v4 of the specification',
    });
    assert.match(found.get('ai-sdk:nobody-has-this/x')?.detail ?? '', /npm install @ai-sdk\/nobody-has-this/);
  });

  it('asks what is there without a model server, and leaves nothing behind', async () => {
    const found = await look({});
    assert.deepEqual(
      [...found].map(([name, { ok }]) => [name, ok]),
      [
        ['database', true],
        ['port', true],
        ['disk', true],
      ],
    );
    assert.deepEqual(await readdir(dir), []);
  });

  it('says of a database that is there whether its tables are those of this version', async () => {
    const path = join(dir, 'system.db');
    try {
      new Database(path).exec('CREATE TABLE schema_migrations (timestamp, name)').close();
      const { ok, detail, hint } = (await look({})).get('database') ?? {};
      assert.deepEqual([ok, detail, hint], [true, `${path} opens; there are no tables yet`, 'start Kept: a start makes them']);
      await writeFile(path, 'no database at all, and long enough to be taken for one');
      const broken = (await look({})).get('database');
      assert.equal(broken?.ok, false);
      assert.match(broken?.hint ?? '', /bring back a backup/);
    } finally {
      for (const end of ['', '-wal', '-shm']) await rm(`${path}${end}`, { force: true });
    }
  });

  it('asks a model server for its models with the key, and says whether the model is among them', async () => {
    answer = { status: 200, body: { data: [{ id: 'small' }] } };
    assert.match((await look(model())).get('openai/small')?.detail ?? '', /answers, and has small$/);
    assert.equal(asked, '/v1/models Bearer a-key');
    answer = { status: 200, body: { data: [{ id: 'large' }] } };
    const { ok, detail, hint } = (await look(model())).get('openai/small') ?? {};
    assert.deepEqual([ok, hint], [true, 'check OPENAI_MODEL, unless the server knows the model all the same']);
    assert.match(detail ?? '', /does not name small; it has large$/);
    answer = { status: 404, body: {} };
    const noList = (await look(model())).get('openai/small');
    assert.equal(noList?.ok, true);
    assert.match(noList.hint ?? '', /^check OPENAI_BASE_URL/);
    answer = { status: 200, body: { data: [] } };
    const claude = { ANTHROPIC_API_KEY: 'their-key', ANTHROPIC_BASE_URL: `http://127.0.0.1:${port()}`, ANTHROPIC_MODEL: 'm' };
    assert.equal((await look(claude)).get('anthropic/m')?.ok, true);
    assert.equal(asked, '/v1/models their-key');
  });

  it('names address and variable of a model server that refuses the key, is away, or says nothing in time', async () => {
    answer = { status: 401, body: { error: 'a-key' } };
    const refused = (await look(model())).get('openai/small');
    assert.equal(refused?.ok, false);
    assert.match(refused?.hint ?? '', /:\d+\/v1: see OPENAI_API_KEY$/);
    assert.ok(!JSON.stringify(refused).includes('a-key'));
    const away = (await look({ ...model(), OPENAI_BASE_URL: 'http://127.0.0.1:1/v1' })).get('openai/small');
    assert.deepEqual([away?.ok, away?.hint], [false, 'openai/small is asked at http://127.0.0.1:1/v1: see OPENAI_BASE_URL']);
    answer = { status: 0, body: undefined };
    const silent = await look(model(), 100);
    assert.deepEqual([silent.get('openai/small')?.ok, silent.get('disk')?.ok], [false, true]);
    assert.match(silent.get('openai/small')?.detail ?? '', /in time|within/);
  });

  it('reports a port that is taken, a database that is down, and an unreachable Telegram', async () => {
    const taken = createTcpServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const found = await look({
      PORT: String((taken.address() as AddressInfo).port),
      DATABASE_URL: 'postgres://user:hunter2-hunter2@127.0.0.1:1/db',
      TELEGRAM_API_ID: '1',
      TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2),
      TELEGRAM_DC_ADDRESS: '127.0.0.1:1',
    });
    taken.close();
    assert.deepEqual(
      [...found].map(([name, { ok, hint }]) => [name, ok, hint]),
      [
        ['database', false, 'see DATABASE_URL'],
        ['telegram', false, 'see TELEGRAM_DC_ADDRESS'],
        ['port', false, 'see HOST and PORT'],
        ['disk', true, undefined],
      ],
    );
    assert.ok(!JSON.stringify([...found]).includes('hunter2'));
  });
});
