import { PortError } from '../../ports/port-error.ts';

/** How many may work at once, in total and per tenant, and how many of one tenant may wait. */
export interface TurnLimits {
  readonly places: number;
  readonly perTenant: number;
  readonly waitingPerTenant: number;
}

export interface Turns {
  /**
   * Resolves when it is this tenant's turn, to a function that ends the turn. Rejects with PortError `aborted` when the
   * signal aborts, and `rate-limited` if too many of the tenant wait already.
   */
  take(tenant: string, signal: AbortSignal): Promise<() => void>;
}

/** Shares a few slots fairly among tenants. Waiting tenants take turns, however often each one asks. */
export const makeTurns = ({ places, perTenant, waitingPerTenant }: TurnLimits): Turns => {
  const atWork = new Map<string, number>();
  /** In the order of the tenants' turns: a tenant that was served goes to the end. */
  const waiting = new Map<string, (() => void)[]>();
  let busy = 0;

  const mayStart = (tenant: string): boolean => busy < places && (atWork.get(tenant) ?? 0) < perTenant;

  const begin = (tenant: string): (() => void) => {
    busy++;
    atWork.set(tenant, (atWork.get(tenant) ?? 0) + 1);
    return () => {
      busy--;
      const left = (atWork.get(tenant) ?? 1) - 1;
      if (left > 0) atWork.set(tenant, left);
      else atWork.delete(tenant);
      serve();
    };
  };

  const serve = (): void => {
    for (let next = nextTenant(); next !== undefined; next = nextTenant()) {
      const queue = waiting.get(next) ?? [];
      const start = queue.shift();
      waiting.delete(next);
      if (queue.length > 0) waiting.set(next, queue);
      start?.();
    }
  };
  const nextTenant = (): string | undefined => [...waiting.keys()].find(mayStart);

  return {
    take: async (tenant, signal) => {
      if (signal.aborted) throw stopped(signal);
      if (mayStart(tenant) && !waiting.has(tenant)) return begin(tenant);
      const queue = waiting.get(tenant) ?? [];
      if (queue.length >= waitingPerTenant) throw tooMany(waitingPerTenant);
      const { promise, resolve, reject } = Promise.withResolvers<() => void>();
      const start = (): void => resolve(begin(tenant));
      const leave = (): void => {
        const at = queue.indexOf(start);
        if (at >= 0) queue.splice(at, 1);
        if (queue.length === 0 && waiting.get(tenant) === queue) waiting.delete(tenant);
        reject(stopped(signal));
      };
      waiting.set(tenant, queue);
      queue.push(start);
      signal.addEventListener('abort', leave);
      return promise.finally(() => signal.removeEventListener('abort', leave));
    },
  };
};

const stopped = (signal: AbortSignal): PortError =>
  new PortError('aborted', 'the search was stopped', { retryable: false, cause: signal.reason });

const tooMany = (most: number): PortError =>
  new PortError('rate-limited', `${most} searches of this chat wait already: search again when they are done`, { retryable: true });
