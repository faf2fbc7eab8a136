import { PortError } from '../../ports/index.ts';

/** What one job does with a transaction: usable while the job runs, and not a moment longer. */
export interface Job {
  isOpen(): boolean;
  /** Runs a statement of this job. Rejects with PortError `invalid-request` once the job has ended. */
  statement<Result>(run: () => Promise<Result>): Promise<Result>;
  /** The first failure that leaves the transaction half done, whatever the job makes of it. */
  failure(): unknown;
  /** Ends the job's use of the transaction. Rejects with that failure, if there was one. */
  end(): Promise<void>;
  /** Ends it without asking whether all went well. */
  abandon(): Promise<void>;
}

/** `isRefusal` says which failures leave the transaction as it was: they are the job's to handle. */
export const openJob = (isRefusal: (error: unknown) => boolean): Job => {
  const running = new Set<Promise<unknown>>();
  let open = true;
  let failure: unknown;

  // A job that stops waiting early (`Promise.all`) may leave statements behind that have yet to run: they are its own,
  // not the next job's.
  const abandon = async () => {
    open = false;
    await Promise.allSettled(running);
  };

  return {
    isOpen: () => open,
    statement: async (run) => {
      if (!open) throw new PortError('invalid-request', 'this unit of work has ended', { retryable: false });
      const result = run();
      running.add(result);
      try {
        return await result;
      } catch (error) {
        if (isRefusal(error)) throw error;
        // What fails after it fails because of it.
        failure ??= error;
        throw failure;
      } finally {
        running.delete(result);
      }
    },
    failure: () => failure,
    abandon,
    end: async () => {
      await abandon();
      if (failure !== undefined) throw failure;
    },
  };
};

/** Why a unit of work may not begin inside another. */
export const nestedUnit = (): PortError =>
  new PortError('invalid-request', 'a unit of work writes through the stores that it is given: any others would wait for its own end', {
    retryable: false,
  });
