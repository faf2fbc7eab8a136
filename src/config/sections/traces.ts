import { type Refusal, refuse } from '../refusal.ts';
import type { Values } from '../section.ts';
import { decodedPart, httpUrl, kind, oneOf, onOff, secretKind, text } from '../variable-kinds.ts';

type Pairs = Readonly<Record<string, string>>;

/** `key=value,key=value`; what a value can't hold by itself stands in it as `%2C`. A problem quotes nothing. */
const pairsOf = (written: string, key: RegExp): Pairs | Refusal => {
  const pairs: Record<string, string> = {};
  for (const part of written.split(',').filter((each) => each.trim() !== '')) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(part.trim()) ?? [];
    const decoded = decodedPart(value.trim());
    if (!key.test(name.trim()) || decoded === undefined || !/^[\x20-\x7e]*$/.test(decoded))
      return refuse('is no list of names and values', 'write name=value,name=value; a comma in a value is %2C');
    pairs[name.trim()] = decoded;
  }
  return pairs;
};

/** No trace has a parent outside of Kept: with `parentbased_` before it, a word means the same. */
const SAMPLERS = {
  always_on: 'all',
  always_off: 'none',
  traceidratio: 'part',
  parentbased_always_on: 'all',
  parentbased_always_off: 'none',
  parentbased_traceidratio: 'part',
} as const;

/** Names as OpenTelemetry's specification has them: whoever knows it finds them here. */
export const tracesVariables = {
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl('OTEL_EXPORTER_OTLP_HEADERS', 'http://localhost:4318'),
  OTEL_EXPORTER_OTLP_HEADERS: secretKind((value) => pairsOf(value, /^[\w!#$%&'*+.^`|~-]+$/), 'list of name=value'),
  OTEL_SERVICE_NAME: text(),
  OTEL_TRACES_SAMPLER: oneOf(SAMPLERS),
  OTEL_TRACES_SAMPLER_ARG: kind((value) => {
    const part = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
    return part <= 1 ? part : refuse('is no part of all traces', 'give a number from 0 to 1, such as 0.1 for one in ten');
  }, '0 to 1'),
  OTEL_RESOURCE_ATTRIBUTES: kind((value) => pairsOf(value, /^[\w.-]+$/), 'list of name=value'),
  KEPT_TRACE_CONTENT: onOff(),
};

export interface TracesSettings {
  /** Without `/v1/traces`. */
  readonly endpoint: string;
  readonly headers: Pairs;
  readonly serviceName: string;
  readonly resource: Pairs;
  /** The part of all traces that is sent, 0 to 1. */
  readonly sampled: number;
  /** Whether spans hold what was said, redacted. */
  readonly hasContent: boolean;
}

/** Where traces are sent; undefined where nowhere. */
export const readTraces = (env: Values<typeof tracesVariables>): TracesSettings | undefined => {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_RESOURCE_ATTRIBUTES: attributes = {} } = env;
  const { OTEL_TRACES_SAMPLER: sampler = 'all', OTEL_TRACES_SAMPLER_ARG: part = 1 } = env;
  if (endpoint === undefined) return undefined;
  const { 'service.name': named, ...resource } = attributes;
  return {
    endpoint,
    headers: env.OTEL_EXPORTER_OTLP_HEADERS ?? {},
    serviceName: env.OTEL_SERVICE_NAME ?? named ?? 'kept',
    resource,
    sampled: { all: 1, none: 0, part }[sampler],
    hasContent: env.KEPT_TRACE_CONTENT ?? false,
  };
};

/** The values of headers, and what stands behind a word such as `Bearer`. */
export const secretsOfTraces = (traces: TracesSettings | undefined): readonly string[] =>
  Object.values(traces?.headers ?? {})
    .flatMap((value) => [value, value.replace(/^\S+\s+/, '')])
    .filter((value) => value.length >= 8);
