import { errorCode } from '../../domain/shared/error-code.ts';

/** Whether a process of this machine lives. True where that can't be told. */
export const isProcessAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
};
