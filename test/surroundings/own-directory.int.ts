import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, lstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { until } from '../support/chat-api.ts';

const support = (file: string): string => JSON.stringify(new URL(`../support/${file}`, import.meta.url));

describe('What the tests bring up', () => {
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'surroundings-'));
    // As the system's own: who runs PostgreSQL for root gets in.
    chmodSync(temporary, 0o711);
  });
  afterEach(() => rmSync(temporary, { recursive: true }));

  /** A process with that temporary directory, which prints a line and then waits. */
  const start = async (script: string) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', `${script}; setInterval(() => undefined, 1_000);`], {
      env: { ...process.env, TMPDIR: temporary },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
    return { child, line: String(line).trim() };
  };
  const isAlive = (pid: number): boolean => {
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  it('ends and is removed with the process that started it, even by kill -9: PostgreSQL, files, other processes', async () => {
    const { child, line } = await start(`
        const { spawn } = await import('node:child_process');
        const { takeDirectory } = await import(${support('own-directory.ts')});
        const directory = takeDirectory('stray');
        const { pid } = spawn('sleep', ['1000'], { cwd: directory, detached: true, stdio: 'ignore' });
        const { startPostgres } = await import(${support('postgres-server.ts')});
        const server = await startPostgres();
        console.log(server.pid, process.platform === 'linux' ? pid : '')`);
    const pids = line.split(' ').filter(Boolean).map(Number);
    expect(pids.map(isAlive)).to.not.include(false);
    child.kill('SIGKILL');
    await until('everything is gone', async () => readdirSync(temporary).length === 0 && !pids.some(isAlive));
  });

  it('lies in a directory that nobody else may write to, and is removed when it is given back', async () => {
    const { child, line } = await start(`
      const { takeDirectory, removeDirectory, releaseAll } = await import(${support('own-directory.ts')});
      removeDirectory(takeDirectory('first'));
      console.log(takeDirectory('second'))`);
    expect(readdirSync(temporary)).to.have.lengthOf(1);
    expect(lstatSync(line).mode & 0o077).to.equal(0);
    child.kill('SIGKILL');
    await until('it is gone', async () => !existsSync(line));
  });
});
