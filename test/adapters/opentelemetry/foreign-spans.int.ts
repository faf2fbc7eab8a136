import { readFileSync } from 'node:fs';
import {
  type Context,
  context,
  propagation,
  type Span,
  type TextMapPropagator,
  type TextMapSetter,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { expect } from 'chai';
import { createAnthropicClient, makeAnthropicModel } from '../../../src/adapters/anthropic/index.ts';
import { buildPromise, START } from '../../../src/testing/index.ts';
import { openMessagesPeer } from '../../fakes/anthropic/peer.ts';
import { openFreshBossStorage } from '../../support/boss-storage.ts';

const HEADER = 'traceparent';

/** A program that embeds Kept, and traces: its provider and its propagator are everybody's. */
const traceEverything = () => {
  const began: string[] = [];
  const ids = { traceId: 'ab'.repeat(16), spanId: '12'.repeat(8), traceFlags: 1 };
  const span = (name: string): Span => {
    began.push(name);
    return trace.wrapSpanContext(ids);
  };
  const tracer = {
    startSpan: span,
    startActiveSpan: (name: string, ...rest: readonly unknown[]): unknown => {
      const work = rest.at(-1) as (span: Span) => unknown;
      const own = span(name);
      return context.with(trace.setSpan(context.active(), own), () => work(own));
    },
  } as unknown as Tracer;
  trace.setGlobalTracerProvider({ getTracer: () => tracer });
  const propagator: TextMapPropagator = {
    inject: (_: Context, carrier: unknown, setter: TextMapSetter) => setter.set(carrier, HEADER, `00-${ids.traceId}-${ids.spanId}-01`),
    extract: (into) => into,
    fields: () => [HEADER],
  };
  propagation.setGlobalPropagator(propagator);
  return {
    began,
    stop: (): void => {
      trace.disable();
      propagation.disable();
    },
  };
};

interface Locked {
  readonly dev?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

describe('In a program that traces by itself', () => {
  let program: ReturnType<typeof traceEverything>;
  beforeEach(() => {
    program = traceEverything();
  });
  afterEach(() => program.stop());

  it('the SDK of Anthropic makes no span, and tells the provider of none', async () => {
    await using peer = await openMessagesPeer([{ content: [{ type: 'text', text: 'Hello.' }] }]);
    const model = makeAnthropicModel({ client: createAnthropicClient({ apiKey: 'test', baseUrl: peer.url }), model: 'claude-sonnet-5-5' });
    const request = {
      instructions: 'Be short.',
      conversation: [{ role: 'person' as const, name: 'ada', text: 'hello' }],
      tools: [],
      maxOutputTokens: 1_000,
    };
    const reply = await model.respond(request, { signal: new AbortController().signal, onEvent: () => undefined });
    expect(reply.text).to.equal('Hello.');
    expect(program.began).to.deep.equal([]);
    expect(peer.headers.map((headers) => headers[HEADER])).to.deep.equal([undefined]);
  });

  it('these packages could make spans, and no others: a new one is to be told not to', () => {
    const lock = JSON.parse(readFileSync(new URL('../../../package-lock.json', import.meta.url), 'utf8')) as {
      readonly packages: Readonly<Record<string, Locked>>;
    };
    const able = Object.entries(lock.packages).filter(([path, { dev, dependencies, peerDependencies }]) =>
      path !== '' && !dev
        ? Object.keys({ ...dependencies, ...peerDependencies }).some((name) => name.startsWith('@opentelemetry/'))
        : false,
    );
    // prom-client reads the current trace for its exemplars, which are not used.
    const known = ['@anthropic-ai/sdk', 'pg-boss', 'prom-client'];
    expect(able.map(([path]) => path.replace(/^.*node_modules\//, '')).toSorted()).to.deep.equal(known);
  });

  it('pg-boss makes no span', async () => {
    const { subject, close } = await openFreshBossStorage();
    try {
      await subject.stores.promises.add([buildPromise()]);
      await subject.queue.claim({ workerId: 'w', now: START, leaseMs: 60_000, limit: 1 });
      expect(program.began).to.deep.equal([]);
    } finally {
      await close();
    }
  });
});
