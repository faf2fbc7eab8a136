import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { Container } from 'inversify';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { makeEvents } from '../../src/application/index.ts';
import type { Config } from '../../src/config/index.ts';
import type { KeptEvent } from '../../src/domain/index.ts';
import { makeLifecycle } from '../../src/main/lifecycle.ts';
import { serveMetrics } from '../../src/main/metrics.ts';
import { type AppContext, TOKENS } from '../../src/main/tokens.ts';
import { unusedMetricsPort } from '../../src/main/unused-metrics-port.ts';
import { makeFixedClock } from '../../src/testing/index.ts';
import { freePort } from '../support/loopback.ts';

const TEXT = 'kept_leader 1\n';

/** A process without an HTTP server, whose metrics are at that port. */
const processAt = (metricsPort: number | undefined) => {
  const clock = makeFixedClock();
  const told: KeptEvent[] = [];
  const events = { ...makeEvents([(event) => void told.push(event)]), onFault: () => undefined, flush: () => undefined };
  const container = new Container();
  const http = {
    host: '127.0.0.1',
    port: 9000,
    corsOrigins: [],
    maxRequestBytes: 1_000,
    ...(metricsPort === undefined ? {} : { metricsPort }),
  };
  container.bind(TOKENS.config).toConstantValue({ http } as unknown as Config);
  container.bind(TOKENS.clock).toConstantValue(clock);
  container.bind(TOKENS.events).toConstantValue(events);
  container.bind(TOKENS.storage).toConstantValue(makeMemoryStorage());
  container
    .bind(TOKENS.metrics)
    .toConstantValue({ listen: () => undefined, read: async () => ({ contentType: 'text/plain', text: TEXT }) });
  const context: AppContext = { container, lifecycle: makeLifecycle(events), get: (id) => container.getAsync(id) };
  const noticed = () => told.flatMap((event) => (event.type === 'http-noticed' ? [event] : []));
  const notices = (): readonly string[] => noticed().map(({ notice }) => notice);
  const listener = () => container.get(TOKENS.metricsListener);
  return { context, clock, noticed, notices, listener };
};

/** Something else at a port. */
const take = async (port: number) => {
  const server = createServer().listen(port, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return { port: (server.address() as AddressInfo).port, leave: () => new Promise((resolve) => server.close(resolve)) };
};

const textAt = async (port: number): Promise<string> => (await fetch(`http://127.0.0.1:${port}/metrics`)).text();

describe('The metrics of a process without an HTTP server', () => {
  it('are served at their port until it stops', async () => {
    const port = await freePort();
    const { context } = processAt(port);
    expect(await serveMetrics(context)).to.equal(`http://127.0.0.1:${port}/metrics`);
    expect(await textAt(port)).to.equal(TEXT);
    await context.lifecycle.stop();
    await (await take(port)).leave();
  });

  it('are served at a free port where 0 is configured, and the register knows which', async () => {
    const { context, listener } = processAt(0);
    const url = await serveMetrics(context);
    expect(listener().port)
      .to.equal(Number(new URL(url ?? '').port))
      .and.to.be.greaterThan(0);
    expect(await textAt(listener().port)).to.equal(TEXT);
    await context.lifecycle.stop();
  });

  it('are not served where no port is configured', async () => {
    const { context, notices, clock } = processAt(undefined);
    await serveMetrics(context);
    await context.lifecycle.stop();
    expect([notices(), clock.timers]).to.deep.equal([[], 0]);
  });

  it('wait for a port that is taken, and are served once it is free', async () => {
    const other = await take(0);
    const { context, clock, noticed, notices, listener } = processAt(other.port);
    expect(await serveMetrics(context)).to.equal(undefined);
    expect(notices()).to.deep.equal(['metrics-not-served']);
    expect(noticed()[0]?.facts.reason).to.match(/^port \d+ is taken: set KEPT_METRICS_PORT to another one/);
    expect(listener()).to.deep.equal({ port: other.port, isServed: false });
    clock.advance(30_000);
    await clock.untilTimer();
    // Said once, tried again and again.
    expect(notices()).to.deep.equal(['metrics-not-served']);
    await other.leave();
    const listens = new Promise<void>((resolve) => {
      void context.get(TOKENS.events).then((events) =>
        events.on((event) => {
          if (event.type === 'http-noticed' && event.notice === 'listening') resolve();
        }),
      );
    });
    clock.advance(30_000);
    await listens;
    expect(await textAt(other.port)).to.equal(TEXT);
    expect(listener().isServed).to.equal(true);
    await context.lifecycle.stop();
    await (await take(other.port)).leave();
  });

  it('are not tried again by a process that stops', async () => {
    const other = await take(0);
    const { context, clock } = processAt(other.port);
    await serveMetrics(context);
    expect(clock.timers).to.equal(1);
    await context.lifecycle.stop();
    expect(clock.timers).to.equal(0);
    await other.leave();
  });

  it('are nowhere else in a process with a page, which says where they are if a port of their own is set', () => {
    const http = { host: '127.0.0.1', port: 9000, corsOrigins: [], trustedProxies: [], maxRequestBytes: 1_000 };
    expect(unusedMetricsPort('http://127.0.0.1:9000', { http: { ...http, metricsPort: 9101 } })).to.include({
      place: 'KEPT_METRICS_PORT',
      problem: 'this process does not listen at KEPT_METRICS_PORT (9101): its metrics are at http://127.0.0.1:9000/metrics',
    });
    expect(unusedMetricsPort('http://127.0.0.1:9000', { http })).to.equal(undefined);
    expect(unusedMetricsPort(undefined, { http: { ...http, metricsPort: 9101 } })).to.equal(undefined);
  });
});
