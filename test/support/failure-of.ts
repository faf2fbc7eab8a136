import { isPortError, type PortError } from '../../src/ports/index.ts';

/** The PortError that `promise` rejects with. Any other end is an error of the test. */
export const failureOf = async (promise: Promise<unknown>): Promise<PortError> => {
  try {
    await promise;
  } catch (error) {
    if (isPortError(error)) return error;
    throw error;
  }
  throw new Error('it was not refused');
};
