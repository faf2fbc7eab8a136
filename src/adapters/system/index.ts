export { systemClock } from './clock.ts';
export { findStranger } from './lock-owner.ts';
export {
  acquireProcessLock,
  isLockHeld,
  type LockHolder,
  listProcessLocks,
  type ProcessLock,
  ProcessLockHeldError,
  readProcessLock,
} from './process-lock.ts';
export { systemRandomness } from './randomness.ts';
