import { PortError } from '../../ports/index.ts';

/** One unit of work's use of a transaction. It is usable only while the unit runs. */
export interface Unit {
  isOpen(): boolean;
  /** Runs a statement of this unit. Rejects with PortError `invalid-request` once the unit has ended. */
  statement<Result>(run: () => Promise<Result>): Promise<Result>;
  /** The first failure that leaves the transaction half done, even if the unit has caught it. */
  failure(): unknown;
  /** Ends the use. Rejects with that failure, if there was one. */
  end(): Promise<void>;
  /** Ends the use without asking whether all went well. */
  abandon(): Promise<void>;
}

/** `isRefusal` tells which failures leave the transaction as it was: the unit may handle them. */
export const openUnit = (isRefusal: (error: unknown) => boolean): Unit => {
  const running = new Set<Promise<unknown>>();
  let open = true;
  let failure: unknown;

  // A unit that stops waiting early (`Promise.all`) may leave statements behind that have yet to run. They belong to
  // it, and not to the next unit.
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
        // Later failures follow from the first one.
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

/** The error of a unit of work that begins inside another. */
export const nestedUnit = (): PortError =>
  new PortError('invalid-request', 'a unit of work must write through its own stores: any other write would wait for the unit to end', {
    retryable: false,
  });
