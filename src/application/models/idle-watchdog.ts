import type { Clock } from '../../ports/clock.ts';
import type { LanguageModel } from '../../ports/language-model.ts';
import { PortError } from '../../ports/port-error.ts';

/**
 * The model, given up once nothing has come from it for `idleMs`: rejects with PortError `timeout` (retryable), aborts the call, and
 * passes nothing on that still arrives. A stream that stalls would else hang for ever: HTTP clients time out at the headers only.
 */
export const withIdleWatchdog = (model: LanguageModel, deps: { readonly clock: Clock; readonly idleMs: number }): LanguageModel => ({
  name: model.name,
  async respond(request, { signal, onEvent }) {
    const giveUp = new AbortController();
    const stalled = Promise.withResolvers<never>();
    let over = false;
    let stop = (): void => undefined;
    const watch = (): void => {
      stop();
      stop = deps.clock.after(deps.idleMs, () => {
        stalled.reject(new PortError('timeout', `${model.name} sent nothing for ${deps.idleMs} ms`, { retryable: true }));
        over = true;
        giveUp.abort();
      });
    };
    watch();
    try {
      const reply = model.respond(request, {
        signal: AbortSignal.any([signal, giveUp.signal]),
        onEvent: (event) => {
          if (over) return;
          watch();
          onEvent(event);
        },
      });
      return await Promise.race([reply, stalled.promise]);
    } finally {
      over = true;
      stop();
    }
  },
});
