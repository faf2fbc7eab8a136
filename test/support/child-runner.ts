/** Runs a shell script by `runChild` until it is killed: `child-runner.ts <script> <dir>`. */
import { runChild } from '../../src/adapters/child-process/index.ts';

const [, , script = '', dir = ''] = process.argv;
await runChild({
  command: '/bin/sh',
  args: ['-c', script],
  cwd: dir,
  env: { PATH: '/usr/bin:/bin' },
  signal: new AbortController().signal,
  graceMs: 200,
});
