import { makeMetricsServer } from '../adapters/http/index.ts';
import { makeRecordLogin } from '../application/index.ts';
import { present } from '../domain/shared/present.ts';
import { reasonOf } from '../ports/index.ts';
import { makeCertificateWatch, readTlsFiles } from './certificate.ts';
import { type AppContext, type MetricsListener, TOKENS } from './tokens.ts';

/** Lets metrics hear what this process does, until it stops. */
export const subscribeMetrics = async ({ get, lifecycle }: AppContext): Promise<void> => {
  const [metrics, events] = await Promise.all([get(TOKENS.metrics), get(TOKENS.events)]);
  lifecycle.onStop('metrics', events.on(metrics.listen));
};

/** A port that is taken is tried again: the process before may still be about to end. */
const RETRY_MS = 30_000;

/**
 * Serves the metrics of a process that has no HTTP server, where the configuration says at which port. Promises are
 * kept whether that works or not. Resolves to where they are, if the port was free.
 */
export const serveMetrics = async ({ container, get, lifecycle }: AppContext): Promise<string | undefined> => {
  const { http } = await get(TOKENS.config);
  const { metricsPort: port, tls, ...settings } = http;
  if (port === undefined) return undefined;
  const listener: MetricsListener = { port, isServed: false };
  container.bind(TOKENS.metricsListener).toConstantValue(listener);
  const [metrics, events, clock, { stores }] = await Promise.all([
    get(TOKENS.metrics),
    get(TOKENS.events),
    get(TOKENS.clock),
    get(TOKENS.storage),
  ]);
  let stop = async (): Promise<void> => undefined;
  let isStopped = false;
  let lastReason: string | undefined;
  let current: Promise<string | undefined> = Promise.resolve(undefined);

  const listen = async (): Promise<string | undefined> => {
    try {
      const first = tls && (await readTlsFiles(tls));
      const server = makeMetricsServer({
        ...settings,
        ...present({ tls: first }),
        port,
        metrics,
        events,
        onToken: makeRecordLogin({ audit: stores.audit, clock, events }),
      });
      const watch = tls && first && makeCertificateWatch({ files: tls, first, use: server.useTls, clock, events });
      stop = async () => {
        await watch?.stop();
        await server.close();
      };
      const { url } = await server.listen();
      watch?.start();
      listener.port = Number(new URL(url).port);
      listener.isServed = true;
      return `${url}/metrics`;
    } catch (error) {
      const reason = reasonOf(error);
      // Once for each reason: it is tried again and again.
      if (reason !== lastReason)
        events.emit({ type: 'http-noticed', notice: 'metrics-not-served', facts: { port, reason, waitMs: RETRY_MS } });
      lastReason = reason;
      const cancel = clock.after(RETRY_MS, () => {
        current = isStopped ? current : listen();
      });
      stop = async () => cancel();
      return undefined;
    }
  };
  current = listen();
  const servedAt = await current;
  lifecycle.onStop('metrics server', async () => {
    isStopped = true;
    await current;
    await stop();
  });
  return servedAt;
};
