import { strict as assert } from 'node:assert';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { listProcessLocks } from '../../src/adapters/system/index.ts';
import { KEPT, makeSite, type Site } from '../support/kept-process.ts';
import { runKept } from '../support/run-kept.ts';

const execute = promisify(execFile);
const PAGE = readFileSync(new URL('../../docs/how-to/run-the-processes.md', import.meta.url), 'utf8');
/** What each script of the operations guide is now. */
const ROWS = [...PAGE.slice(PAGE.indexOf('## From the scripts of old')).matchAll(/^\| `([^|]+)` \| `([^`]+)`.*\|$/gm)].map(
  ([, script = '', command = '']) => [script, command] as const,
);

describe('The scripts of the operations guide, as commands', function () {
  this.timeout(120_000);
  let site: Site;
  let port: number;
  const shell = (command: string) =>
    execute('sh', ['-c', command.replaceAll('localhost:9000', `127.0.0.1:${port}`)], {
      cwd: site.root,
      env: { ...site.env, PORT: String(port), PATH: `${join(site.root, 'bin')}:${process.env.PATH}` },
    });
  const running = async (): Promise<number> => (await listProcessLocks(site.dataDir)).length;

  beforeEach(async () => {
    site = await makeSite();
    const free = createServer();
    await once(free.listen(0, '127.0.0.1'), 'listening');
    ({ port } = free.address() as { port: number });
    free.close();
    mkdirSync(join(site.root, 'bin'));
    writeFileSync(join(site.root, 'bin', 'kept'), `#!/bin/sh\nexec ${process.execPath} ${KEPT} "$@"\n`);
    chmodSync(join(site.root, 'bin', 'kept'), 0o755);
  });
  afterEach(async () => {
    await runKept(site, ['stop', '--now']);
    await site.remove();
  });

  it('start, tell what runs, and stop', async () => {
    const commands = new Map(ROWS);
    assert.equal(ROWS.length, 5);
    const started = await shell(commands.get('scripts/start.sh') as string);
    assert.match(started.stdout, /^Kept \S+ is running: bot and worker \(PID \d+\).*\n {2}self-ping {5}ok, \d+ ms/s);
    assert.match((await shell(commands.get('ps -p $(cat server.pid)') as string)).stdout, /^start \(PID \d+\), since /);
    assert.match((await shell(commands.get('scripts/stop.sh') as string)).stdout, /^Stopped PID \d+\.\n$/);
    assert.equal(await running(), 0);
  });

  it('start, ask and stop in one line, as a check', async () => {
    const [, check = ''] = ROWS.find(([script]) => script.startsWith('python main.py')) ?? [];
    const { stdout } = await shell(check);
    assert.match(stdout, /"status":"(healthy|degraded)"/);
    assert.match(stdout, /Stopped PID \d+\.\n$/);
    assert.equal(await running(), 0);
  });

  it('prove an installation, as the page says', async () => {
    const [, proof = ''] = /```sh\n(kept start --detach && kept health; kept stop)\n```/.exec(PAGE) ?? [];
    const { stdout } = await shell(proof);
    assert.match(stdout, /storage\.database +ok/);
    assert.match(stdout, /Stopped PID \d+\.\n$/);
  });
});
