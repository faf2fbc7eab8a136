import { strict as assert } from 'node:assert';
import { mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { changedSince, recordFilesRead } from '../../src/main/files-read.ts';
import { removeDirectory, takeDirectory } from '../support/own-directory.ts';

describe('The files that a running process has read', () => {
  let directory = '';
  let dataDir = '';
  beforeEach(() => {
    directory = takeDirectory('files-read');
    dataDir = join(directory, 'data');
    for (const name of ['data', 'agents', 'skills', 'skills/tea']) mkdirSync(join(directory, name));
  });
  afterEach(() => removeDirectory(directory));
  const config = (workspaces = 'workspace_config.json') => ({
    dataDir,
    workspaceConfigPath: join(directory, workspaces),
    secretFiles: [],
    mcp: { path: join(directory, '.mcp.json') },
    agents: { directories: { agents: join(directory, 'agents'), skills: join(directory, 'skills') } },
  });
  const write = (name: string): void => writeFileSync(join(directory, name), '{}');
  const later = (name: string): void => utimesSync(join(directory, name), 4_000_000_000, 4_000_000_000);

  it('are reported if they were changed, added or removed since, whatever their time', () => {
    for (const name of ['workspace_config.json', 'agents/old.md', 'agents/gone.md', 'skills/tea/SKILL.md']) write(name);
    const process_ = { role: 'kept', pid: process.pid, startedAt: Date.now() };
    const forget = recordFilesRead(dataDir, 'kept', config(), directory);
    assert.deepEqual(changedSince(process_, config(), directory), []);
    // Neither is read.
    write('agents/README.md');
    write('agents/.swap.md');
    write('skills/tea/more.md');
    assert.deepEqual(changedSince(process_, config(), directory), []);
    later('workspace_config.json');
    later('skills/tea/SKILL.md');
    rmSync(join(directory, 'agents/gone.md'));
    write('agents/tea_taster.md');
    // A copy that keeps its old time.
    utimesSync(join(directory, 'agents/tea_taster.md'), 1, 1);
    assert.deepEqual([...changedSince(process_, config(), directory)].sort(), [
      'agents/gone.md',
      'agents/tea_taster.md',
      'skills/tea/SKILL.md',
      'workspace_config.json',
    ]);
    forget();
  });

  it('are those of that process, not of the one that asks', () => {
    write('workspace_config.json');
    const asked = { role: 'kept', pid: process.pid, startedAt: Date.now() - 60_000 };
    recordFilesRead(dataDir, 'kept', config(), directory);
    write('other.json');
    assert.deepEqual(changedSince(asked, config('other.json'), directory), []);
    later('workspace_config.json');
    assert.deepEqual(changedSince(asked, config('other.json'), directory), ['workspace_config.json']);
    // The record of another process, whose PID is gone, says nothing.
    assert.deepEqual(changedSince({ ...asked, pid: 1 }, config('other.json'), directory), ['other.json']);
  });

  it('of a process that was killed are forgotten with the next start', () => {
    recordFilesRead(dataDir, 'worker-1', config(), directory);
    recordFilesRead(dataDir, 'kept', config(), directory);
    assert.deepEqual(changedSince({ role: 'worker-1', pid: process.pid, startedAt: 4e12 }, config('none.json'), directory), []);
    write('.env');
    assert.deepEqual(changedSince({ role: 'worker-1', pid: process.pid, startedAt: 4e12 }, config(), directory), []);
  });

  it('are told by their time where a process has left no record', () => {
    const path = 'workspace_config.json';
    const changedAt = Date.now() - 60_000;
    const since = (startedAt: number) => changedSince({ role: 'kept', pid: 1, startedAt }, config(), directory);
    assert.deepEqual(since(changedAt), []);
    write(path);
    utimesSync(join(directory, path), changedAt / 1_000, changedAt / 1_000);
    assert.equal(since(changedAt - 1_000).join(), path);
    write('.env');
    assert.deepEqual(since(changedAt + 1_000), ['.env']);
    write('.mcp.json');
    assert.deepEqual(since(changedAt + 1_000), ['.env', '.mcp.json']);
    rmSync(join(directory, '.mcp.json'));
    rmSync(join(directory, '.env'));
    symlinkSync('.env', join(directory, '.env'));
    assert.deepEqual(since(changedAt + 1_000), [], 'links in a ring');
  });
});
