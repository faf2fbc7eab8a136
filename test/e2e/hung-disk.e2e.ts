import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { makeSite, type Site, startKept } from '../support/kept-process.ts';
import { type Ended, runKept } from '../support/run-kept.ts';

const HUNG_FILES = new URL('../support/hung-files.ts', import.meta.url).href;
const HOLDS_THREAD = new URL('../support/holds-thread.ts', import.meta.url).href;

interface Told {
  readonly status: string;
  readonly checks: readonly { readonly id: string; readonly status: string; readonly message: string }[];
}

describe('a disk that does not answer', function () {
  this.timeout(60_000);
  let site: Site;
  let hung: NodeJS.ProcessEnv;
  before(async () => {
    site = await makeSite({ KEPT_MODELS: 'rehearsal' });
    await startKept(site, 'start').then((kept) => kept.stop());
    const fifo = join(site.root, 'fifo');
    execFileSync('mkfifo', [fifo]);
    hung = { HUNG_DIRECTORY: site.dataDir, HUNG_FIFO: fifo, NODE_OPTIONS: `--import=${HUNG_FILES}` };
  });
  after(() => site.remove());

  it('lets the commands that look for faults end, and turns one line of doctor and health', async () => {
    const run = (...words: string[]): Promise<Ended> =>
      runKept(site, words, { env: hung, onStarted: (child) => void setTimeout(() => child.kill('SIGKILL'), 40_000).unref() });
    const [doctor, health, ...others] = await Promise.all([run('doctor', '--json'), run('health', '--json'), run('status'), run('stop')]);
    for (const [{ code, stdout }, line] of [
      [doctor, 'storage.directory'],
      [health, 'storage.disk'],
    ] as const) {
      const { status, checks } = JSON.parse(stdout) as Told;
      assert.deepEqual([code, status], [2, 'unhealthy']);
      const unwell = checks.filter((check) => check.status === 'warn' || check.status === 'fail').map(({ id }) => id);
      assert.deepEqual(unwell, [line], stdout);
    }
    for (const { code, stderr } of others) {
      assert.equal(code, 1, stderr);
      assert.match(stderr, /the disk of .* does not answer/);
    }
  });

  it('lets a command end whose calls begin to hang once the disk has answered', async () => {
    let signal: NodeJS.Signals | null = null;
    const { stdout } = await runKept(site, ['doctor', '--json'], {
      env: { ...hung, HUNG_LATER: '1' },
      onStarted: (child) => child.once('exit', (_, ended) => (signal = ended)),
    });
    const { checks } = JSON.parse(stdout) as Told;
    assert.equal(checks.find(({ id }) => id === 'storage.backup')?.message, 'no answer within 5 s');
    // Its own: an exit would wait for the calls.
    assert.equal(signal, 'SIGKILL');
  });

  for (const [asked, signal] of [
    ['crashes', 'SIGUSR2'],
    ['is asked to stop', 'SIGTERM'],
  ] as const)
    it(`does not keep a process that ${asked} while a call hangs`, async () => {
      const env = { ...site.env, ...hung, NODE_OPTIONS: `--import=${HOLDS_THREAD}` };
      const kept = await startKept({ ...site, env }, 'start');
      const held = once(kept.child.stderr as NodeJS.ReadableStream, 'data');
      kept.child.kill('SIGUSR2');
      await held;
      kept.child.kill(signal);
      await once(kept.child, 'exit');
      // Nothing else ends it then.
      assert.equal(kept.child.signalCode, 'SIGKILL');
    });
});
