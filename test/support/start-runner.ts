/** Starts the command of its arguments as a coding agent is started, and says its process id. */
import { makeStartChild } from '../../src/adapters/child-process/index.ts';

const [command = '', ...args] = process.argv.slice(2);
const child = makeStartChild()({ command, args, cwd: process.cwd(), env: {}, disk: { writable: [], guarded: [], hidden: [] } });
await child.started;
process.send?.(child.process.pid);
