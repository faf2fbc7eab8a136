import { strict as assert } from 'node:assert';
import { mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { changedSince } from '../../src/main/commands/stale-files.ts';

describe('files of the configuration', () => {
  it('configuration files are reported only if they are newer than the start of the process', () => {
    const directory = mkdtempSync(join(tmpdir(), 'kept-stale-'));
    const path = join(directory, 'workspace_config.json');
    const config = { workspaceConfigPath: path, mcp: { path: join(directory, '.mcp.json') } };
    const changedAt = Date.now() - 60_000;
    try {
      assert.deepEqual(changedSince(changedAt, config, directory), []);
      writeFileSync(path, '{}');
      utimesSync(path, changedAt / 1_000, changedAt / 1_000);
      assert.equal(changedSince(changedAt - 1_000, config, directory).join(), 'workspace_config.json');
      writeFileSync(join(directory, '.env'), '');
      assert.deepEqual(changedSince(changedAt + 1_000, config, directory), ['.env']);
      writeFileSync(join(directory, '.mcp.json'), '{}');
      assert.deepEqual(changedSince(changedAt + 1_000, config, directory), ['.env', '.mcp.json']);
      rmSync(join(directory, '.mcp.json'));
      rmSync(join(directory, '.env'));
      symlinkSync('.env', join(directory, '.env'));
      assert.deepEqual(changedSince(changedAt + 1_000, config, directory), [], 'links in a ring');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
