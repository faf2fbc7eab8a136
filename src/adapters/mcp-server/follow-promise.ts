import type { ServerContext } from '@modelcontextprotocol/server';
import { type AgentPromise, isSettled, type PromiseId } from '../../domain/index.ts';
import type { GetPromise } from '../../ports/index.ts';

/** Tells the promise as it is, then each change; returns what ends that. */
export type WatchPromise = (id: PromiseId, tell: (promise: AgentPromise) => void) => () => void;

/**
 * Waits for a promise, and tells the client of its progress. Resolves to the promise once it has ended, or as it is
 * when the time is over or the client gives up; to undefined if it is gone.
 */
export const followPromise = async (
  { watchPromise, getPromise }: { readonly watchPromise: WatchPromise; readonly getPromise: GetPromise },
  id: PromiseId,
  {
    seconds,
    context: { mcpReq },
    redact,
  }: {
    readonly seconds: number;
    readonly context: { readonly mcpReq: Pick<ServerContext['mcpReq'], 'signal' | 'notify' | '_meta'> };
    readonly redact: (text: string) => string;
  },
): Promise<AgentPromise | undefined> => {
  const token = mcpReq._meta?.progressToken;
  const done = Promise.withResolvers<void>();
  // The timer of this signal keeps no process alive; the open input does.
  const over = AbortSignal.any([mcpReq.signal, AbortSignal.timeout(seconds * 1_000)]);
  if (over.aborted) done.resolve();
  else over.addEventListener('abort', () => done.resolve(), { once: true });
  let told = 0;
  const end = watchPromise(id, (promise) => {
    if (isSettled(promise)) return done.resolve();
    if (token === undefined) return;
    const words = promise.status === 'in_progress' ? (promise.progress?.text ?? 'in progress') : promise.status;
    told++;
    // A client that has gone needs no progress: the closed input ends this call.
    mcpReq
      .notify({ method: 'notifications/progress', params: { progressToken: token, progress: told, message: redact(words) } })
      .catch(() => done.resolve());
  });
  try {
    await done.promise;
    return await getPromise(id);
  } finally {
    end();
  }
};
