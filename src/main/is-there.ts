import { errorCode } from '../domain/shared/error-code.ts';

/** Whether a process of this machine has that number, whoever's it is. */
export const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) === 'EPERM';
  }
};
