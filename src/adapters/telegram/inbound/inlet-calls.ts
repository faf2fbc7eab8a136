import type { ChatId } from '../../../domain/index.ts';
import { present } from '../../../domain/shared/present.ts';
import { type GatewayInlet, type Notice, reasonOf } from '../../../ports/index.ts';

type Inlet = Pick<GatewayInlet, 'received' | 'erased'>;

/** Calls of the inlet. One that is rejected never resolves: the inlet ends, and what it did not take comes again. */
export const makeInletCalls = ({ signal, notice }: { readonly signal: AbortSignal; readonly notice: Notice }) => {
  const pending = new Set<Promise<void>>();
  const { promise: started, resolve: start } = Promise.withResolvers<Inlet>();
  let inlet: Inlet | undefined;
  return {
    start: (given: Inlet): void => {
      inlet = given;
      start(given);
    },
    make: async (chatId: ChatId | undefined, call: (inlet: Inlet) => Promise<void>): Promise<void> => {
      const to = inlet ?? (await started);
      if (signal.aborted) return new Promise<never>(() => undefined);
      const end = call(to);
      pending.add(end);
      try {
        await end;
      } catch (error) {
        if (!signal.aborted) notice('message-not-handed-over', { ...present({ chatId }), reason: reasonOf(error) });
        return new Promise<never>(() => undefined);
      } finally {
        pending.delete(end);
      }
    },
    settled: async (): Promise<void> => {
      await Promise.allSettled(pending);
    },
  };
};

export type InletCalls = ReturnType<typeof makeInletCalls>;
