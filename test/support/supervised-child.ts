/**
 * A process as a supervisor starts it. A file that the environment names decides what it does: `serve`,
 * `exit <code>`, `crash` (serves, and ends at once), `stall` (serves, and its loop stops), `deaf` (does not end),
 * `held` (serves once the file says something else), `drain` (says what it waits for, and ends where it is hurried).
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { awaitTurn, ownSupervisor } from '../../src/main/supervised.ts';

const told = (): string => readFileSync(process.env.KEPT_TEST_BEHAVIOUR as string, 'utf8').trim();
const [behaviour = '', code] = told().split(' ');
const role = process.argv[2] as 'bot';
const supervisor = ownSupervisor(() => process.exit(0));
if (behaviour === 'drain')
  process.once('SIGTERM', () => {
    process.once('SIGTERM', () => process.exit(0));
    supervisor.draining({ turns: 2, promises: [], since: 1, until: 2 });
  });
else if (behaviour !== 'deaf') process.on('SIGTERM', () => process.exit(0));
else process.on('SIGTERM', () => undefined);
if (!(await awaitTurn())) process.exit(0);
if (behaviour === 'exit') process.exit(Number(code));
supervisor.starting('the moon');
while (behaviour === 'held' && told() === 'held') await wait(20);
supervisor.started({ role, pid: process.pid, model: 'none', storage: 'none' });
await supervisor.manager.tell({ READY: 1, STATUS: 'works', X_KEPT_STANDING: role === 'bot' ? 'answers' : 'works' });
if (behaviour === 'crash') process.exit(1);
if (behaviour === 'stall') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
await wait(2 ** 30);
