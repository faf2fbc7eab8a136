export { systemClock } from './clock.ts';
export { makeCorrelation, systemCorrelation } from './correlation.ts';
export { makeDirectoryLocks } from './directory-locks.ts';
export { diskAnswers } from './disk-answers.ts';
export { endSoon, endWhereHung } from './end-soon.ts';
export { findStranger, isPaused, OTHER_USER } from './lock-owner.ts';
export { isThisMachine } from './own-host.ts';
export {
  acquireProcessLock,
  type DeadLock,
  findDeadLocks,
  isLockHeld,
  type LockHolder,
  listProcessLocks,
  type ProcessLock,
  ProcessLockHeldError,
  readDeadHolder,
  readProcessLock,
  removeDeadLock,
} from './process-lock.ts';
export { systemRandomness } from './randomness.ts';
export { type ServiceFields, type ServiceManager, takeServiceManager } from './service-manager.ts';
export { takeUserDirectory } from './user-directory.ts';
