/**
 * Holds the lock of a role in a directory until it is killed, or told to let go: `sqlite-lock-holder.ts <dir> <role>`.
 */
import { acquireProcessLock, isLockHeld } from '../../src/adapters/system/index.ts';

const [, , dir = '', role = ''] = process.argv;
try {
  const lock = await acquireProcessLock(dir, role);
  process.send?.({ held: true });
  process.once('message', async () => {
    await lock.release();
    process.disconnect();
  });
} catch (error) {
  if (!isLockHeld(error)) throw error;
  process.send?.({ held: false, pid: error.pid }, () => process.disconnect());
}
