import { PortError } from '../../ports/index.ts';

/** What one unit does with a transaction: usable while the unit runs, and not a moment longer. */
export interface Unit {
  isOpen(): boolean;
  /** Runs a statement of this unit. Rejects with PortError `invalid-request` once the unit has ended. */
  statement<Result>(run: () => Promise<Result>): Promise<Result>;
  /** The first failure that leaves the transaction half done, whatever the unit makes of it. */
  failure(): unknown;
  /** Ends the unit's use of the transaction. Rejects with that failure, if there was one. */
  end(): Promise<void>;
  /** Ends it without asking whether all went well. */
  abandon(): Promise<void>;
}

/** `isRefusal` says which failures leave the transaction as it was: they are the unit's to handle. */
export const openUnit = (isRefusal: (error: unknown) => boolean): Unit => {
  const running = new Set<Promise<unknown>>();
  let open = true;
  let failure: unknown;

  // A unit that stops waiting early (`Promise.all`) may leave statements behind that have yet to run: they are its own,
  // not the next unit's.
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
