import { hostname } from 'node:os';
import type { KeptEvent } from '../../domain/index.ts';
import type { Clock, ContentListener, ObservedCorrelation, Redact, TracesNotices } from '../../ports/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { RESOURCE } from './conventions.ts';
import { makeSpans } from './make-spans.ts';
import { makeSampler } from './sampler.ts';
import { makeSpanSender } from './send-spans.ts';
import type { Attributes, Span, SpanDraft } from './span.ts';

export interface TracesOptions {
  /** Where spans are sent, without `/v1/traces`: the address of an OTLP endpoint over HTTP. */
  readonly endpoint: string;
  /** Sent with each request, such as a key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: `kept`. */
  readonly serviceName?: string;
  /** Kept's version. */
  readonly version: string;
  /** What the process is: `bot`, `worker` or `start`. */
  readonly role: string;
  /** What else is said of every span. */
  readonly resource?: Attributes;
  /** The part of all traces that is sent, 0 to 1. Default: 1. Every process sends the same ones. */
  readonly sampled?: number;
  readonly correlation: ObservedCorrelation;
  /** Subscribes to events, until the returned function is called. */
  readonly on: (listener: (event: KeptEvent) => void) => () => void;
  /**
   * Subscribes to what was said, where spans are to hold it, redacted and bounded. Default: they hold names and
   * numbers.
   */
  readonly content?: { readonly on: (listener: ContentListener) => () => void; readonly redact: Redact };
  readonly clock: Clock;
  /** Told once when spans begin to be lost, and once when they are taken again. */
  readonly notice?: TracesNotices;
}

export interface Traces {
  /** Makes no more spans, and sends what waits, for two seconds at the most. Does not reject. */
  stop(): Promise<void>;
}

/**
 * Sends a trace of everything that comes of a message: spans of the scopes that `correlation` runs, and of events.
 * Nothing waits for the endpoint, and nothing fails with it.
 */
export const openTraces = (options: TracesOptions): Traces => {
  const { endpoint, headers = {}, serviceName = 'kept', version, role, resource = {}, correlation, on, content, clock } = options;
  const { notice = () => undefined, sampled = 1 } = options;
  const { host } = new URL(endpoint);
  const sender = makeSpanSender({
    url: `${endpoint.replace(/\/+$/, '')}/v1/traces`,
    headers,
    clock,
    sender: {
      scope: { name: 'kept', version },
      resource: {
        [RESOURCE.version]: version,
        [RESOURCE.instance]: `${hostname()}:${process.pid}`,
        [RESOURCE.host]: hostname(),
        [RESOURCE.pid]: process.pid,
        [RESOURCE.role]: role,
        ...resource,
        [RESOURCE.service]: serviceName,
      },
    },
    notices: {
      failed: (reason) => notice('traces-not-sent', { host, reason }),
      recovered: (lost) => notice('traces-sent-again', { host, lost }),
    },
  });
  const { redact = () => '' } = content ?? {};
  let isNoticed = false;
  /** Nothing fails with a span that can't be made. */
  const tolerant = <Result>(make: () => Result): Result | undefined => {
    try {
      return make();
    } catch (error) {
      if (!isNoticed) notice('traces-not-sent', { host, reason: `a span could not be made: ${reasonOf(error)}` });
      isNoticed = true;
      return undefined;
    }
  };
  const add = ({ length, make }: SpanDraft): void => {
    let span: Span | undefined;
    // What is sent once more has the same id: the endpoint may have taken it.
    sender.add({
      length,
      make: () => {
        span ??= tolerant(make);
        return span;
      },
    });
  };
  const { onEvent, onEnd, onContent } = makeSpans({ correlation, isSampled: makeSampler(sampled), clock, add, redact });
  const leaves = [on(onEvent), correlation.onEnd((ended) => tolerant(() => onEnd(ended))), ...(content ? [content.on(onContent)] : [])];
  return {
    stop: async () => {
      for (const leave of leaves) leave();
      await sender.stop();
    },
  };
};
