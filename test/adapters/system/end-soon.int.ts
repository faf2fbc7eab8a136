import { strict as assert } from 'node:assert';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const END_SOON = new URL('../../../src/adapters/system/end-soon.ts', import.meta.url).href;

describe('the end of a process while a call to a disk goes on', function () {
  this.timeout(20_000);
  let fifo: string;
  before(async () => {
    fifo = join(await mkdtemp(join(tmpdir(), 'kept-end-')), 'fifo');
    execFileSync('mkfifo', [fifo]);
  });
  after(() => rm(join(fifo, '..'), { recursive: true }));

  for (const [what, isAnswered, end] of [
    ['keeps its code where the call is a short one', true, [7, null]],
    ['comes by a signal where the call hangs', false, [null, 'SIGKILL']],
  ] as const)
    it(what, async () => {
      const script = `
        import { open } from 'node:fs/promises';
        import { endSoon } from ${JSON.stringify(END_SOON)};
        void open(process.argv[1], 'r');
        endSoon(7);
        console.log('ending');`;
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', fifo], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      await once(child.stdout, 'data');
      const writer = isAnswered ? await open(fifo, 'w') : undefined;
      assert.deepEqual(await ended, end);
      await writer?.close();
    });
});
