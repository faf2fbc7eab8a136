import { strict as assert } from 'node:assert';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/index.ts';
import { DEFAULT_LOCAL_CHAT, OPERATOR_ID } from '../../src/domain/index.ts';
import { bindBot, bindBotScope } from '../../src/main/bot.ts';
import { makeAppContext } from '../../src/main/container.ts';
import { openDataDir, SettingsError } from '../../src/main/open-data-dir.ts';
import { TOKENS } from '../../src/main/tokens.ts';
import { silentLogger } from '../../src/ports/index.ts';
import { aRequest, ask } from '../support/model-peer.ts';

const SECRET = 'open-sesame-4711';

/** What only the composition decides, and no adapter's or use case's own test can see. */
describe('the composition', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-main-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  const root = async () => {
    const env = { KEPT_DATA_DIR: join(dir, 'data'), OPENAI_API_KEY: SECRET, KEPT_MODELS: 'rehearsal' };
    const loaded = loadConfig({ env, cwd: dir, readFile: () => undefined, kindOf: () => 'directory' });
    assert.ok(loaded.ok, 'the configuration is well');
    const made = makeAppContext(loaded.value, silentLogger);
    bindBot(made);
    bindBotScope(made);
    return made;
  };

  it('redacts secrets of messages in local chats before they are stored (invariant 4)', async () => {
    const { get, lifecycle } = await root();
    const chat = await get(TOKENS.localChat);
    const posted = await chat.post(DEFAULT_LOCAL_CHAT, `my key is ${SECRET}`);
    assert.ok(posted.ok && !posted.value.text.includes(SECRET));
    assert.ok(!JSON.stringify(await chat.list(DEFAULT_LOCAL_CHAT, 0, 10)).includes(SECRET));
    await lifecycle.stop();
  });

  it('hides Kept’s own data and .env files from agents (invariant 4)', async () => {
    const { get, lifecycle } = await root();
    await get(TOKENS.storage);
    const read = (await get(TOKENS.tools)).list().find(({ name }) => name === 'read_file');
    const context = {
      chatId: DEFAULT_LOCAL_CHAT,
      chatKind: 'direct' as const,
      requestedBy: { id: OPERATOR_ID },
      scope: { directory: dir },
      signal: new AbortController().signal,
    };
    await assert.rejects(async () => read?.run({ path: 'data/system.db' }, context), /kept from agents/);
    await lifecycle.stop();
  });

  it("asks the models of the installation where an agent's own can't be used", async () => {
    const { get, lifecycle } = await root();
    const models = await get(TOKENS.models);
    for (const model of ['nobody-knows-this', 'anthropic/claude-x', 'ai-sdk:nobody-has-this/x']) {
      const { reply, error } = await ask(models.modelFor({ model }), aRequest());
      assert.equal(reply?.model, 'rehearsal/offline', error?.message);
    }
    await lifecycle.stop();
  });

  it('creates the data directory for its owner only, and refuses a path that can’t be one', async () => {
    openDataDir(join(dir, 'a', 'b'));
    assert.equal((await stat(join(dir, 'a', 'b'))).mode & 0o777, 0o700);
    // Below /proc, a recursive mkdir never ends.
    for (const path of ['/dev/null/data', '/dev/null', ...(process.platform === 'linux' ? ['/proc/kept/data'] : [])])
      assert.throws(() => openDataDir(path), SettingsError);
  });
});
