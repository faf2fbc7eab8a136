import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bindBot } from '../../../src/main/bot.ts';
import { makeAppContext } from '../../../src/main/container.ts';
import { openDataDir } from '../../../src/main/open-data-dir.ts';
import { TOKENS } from '../../../src/main/tokens.ts';
import { silentLogger } from '../../../src/ports/index.ts';
import { configOf } from '../../support/site-config.ts';

describe('the health of a bot that stands by', () => {
  let dir: string;
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'kept-standby-'));
  });
  afterEach(() => rm(dir, { recursive: true }));

  it('is told without a start of MCP servers, which only the one that answers needs', async () => {
    const started = join(dir, 'started');
    const args = ['-e', `require('node:fs').writeFileSync(${JSON.stringify(started)}, '')`];
    await writeFile(join(dir, '.mcp.json'), JSON.stringify({ mcpServers: { files: { command: process.execPath, args } } }));
    const config = configOf({ KEPT_DATA_DIR: join(dir, 'data'), KEPT_MODELS: 'rehearsal', PATH: process.env.PATH }, dir);
    openDataDir(config.dataDir);
    const root = makeAppContext(config, silentLogger);
    try {
      bindBot(root);
      const board = await root.get(TOKENS.healthBoard);
      const checks = new Map((await board.read('cheap')).map(({ check }) => [check.id, check]));
      assert.equal(checks.get('mcp.files')?.status, 'skipped');
      assert.deepEqual(checks.get('gateway.local'), {
        id: 'gateway.local',
        status: 'skipped',
        message: 'another process answers; this one stands by',
      });
      assert.equal(checks.get('process.leader')?.status, 'warn', 'nobody is known to lead');
      assert.equal(existsSync(started), false);
    } finally {
      await root.lifecycle.stop();
    }
  });
});
