import { errorCode } from '../domain/shared/error-code.ts';
import { CommandError } from './failures.ts';
import { replaceWhole } from './whole-file.ts';

/** Replaces a file of a person. Throws CommandError with that code where it can't be written: it is as it was then. */
export const replaceFile = (path: string, text: string, code: string): void => {
  try {
    replaceWhole(path, text);
  } catch (thrown) {
    throw new CommandError(`${path} can't be written (${errorCode(thrown) ?? 'unknown reason'})`, code);
  }
};
