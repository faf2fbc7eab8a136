/**
 * The part of OTLP 1.5 that Kept sends, as protobuf: `opentelemetry/proto/collector/trace/v1/trace_service.proto`, and
 * what that refers to. Numbers are those of its fields.
 */
import { Buffer } from 'node:buffer';
import { type Attribute, type Attributes, KINDS, type Span } from './span.ts';

const VARINT = 0;
const FIXED64 = 1;
const LENGTH = 2;
const FIXED32 = 5;

const varint = (value: number | bigint): Buffer => {
  const bytes: number[] = [];
  // A negative number is sent as its complement to 2^64.
  for (let rest = BigInt.asUintN(64, BigInt(value)); ; rest >>= 7n) {
    const low = Number(rest & 127n);
    if (rest <= 127n) return Buffer.from([...bytes, low]);
    bytes.push(low | 128);
  }
};

const tag = (field: number, wire: number): Buffer => varint(field * 8 + wire);
const number = (field: number, value: number): Buffer => Buffer.concat([tag(field, VARINT), varint(value)]);
const bytes = (field: number, value: Buffer): Buffer => Buffer.concat([tag(field, LENGTH), varint(value.length), value]);
const text = (field: number, value: string): Buffer => bytes(field, Buffer.from(value, 'utf8'));
const hex = (field: number, value: string): Buffer => bytes(field, Buffer.from(value, 'hex'));
const message = (field: number, parts: readonly Buffer[]): Buffer => bytes(field, Buffer.concat(parts));

const nanoseconds = (field: number, ms: number): Buffer => {
  const value = Buffer.alloc(8);
  value.writeBigUInt64LE(BigInt(Math.max(0, Math.round(ms * 1_000))) * 1_000n);
  return Buffer.concat([tag(field, FIXED64), value]);
};

const double = (field: number, value: number): Buffer => {
  const encoded = Buffer.alloc(8);
  encoded.writeDoubleLE(value);
  return Buffer.concat([tag(field, FIXED64), encoded]);
};

/** AnyValue. */
const value = (of: Attribute): readonly Buffer[] => {
  if (typeof of === 'string') return [text(1, of)];
  if (typeof of === 'boolean') return [number(2, Number(of))];
  if (typeof of === 'number') return [Number.isSafeInteger(of) ? number(3, of) : double(4, of)];
  return [
    message(
      5,
      of.map((item) => message(1, [text(1, item)])),
    ),
  ];
};

const attributes = (field: number, of: Attributes): readonly Buffer[] =>
  Object.entries(of).map(([key, each]) => message(field, [text(1, key), message(2, value(each))]));

const ERROR = 2;
/** The parent is in the same trace, and may be in another process: what is known is that it is sampled. */
const SAMPLED = Buffer.from([1, 0, 0, 0]);

const span = (of: Span): Buffer =>
  message(2, [
    hex(1, of.traceId),
    hex(2, of.spanId),
    ...(of.parentSpanId === undefined ? [] : [hex(4, of.parentSpanId)]),
    text(5, of.name),
    number(6, KINDS[of.kind]),
    nanoseconds(7, of.startedAt),
    nanoseconds(8, of.endedAt),
    ...attributes(9, of.attributes),
    ...of.points.map(({ name, at }) => message(11, [nanoseconds(1, at), text(2, name)])),
    ...of.links.map(({ correlationId, spanId }) => message(13, [hex(1, correlationId), hex(2, spanId)])),
    ...(of.isError ? [message(15, [number(3, ERROR)])] : []),
    Buffer.concat([tag(16, FIXED32), SAMPLED]),
  ]);

export interface Sender {
  /** What all spans are of. */
  readonly resource: Attributes;
  /** The name and the version of what makes the spans. */
  readonly scope: { readonly name: string; readonly version: string };
}

/** The body of one request: an `ExportTraceServiceRequest`. */
export const encodeSpans = ({ resource, scope }: Sender, spans: readonly Span[]): Buffer =>
  message(1, [
    message(1, attributes(1, resource)),
    message(2, [message(1, [text(1, scope.name), text(2, scope.version)]), ...spans.map(span)]),
  ]);

/** How many spans the answer says were rejected: the first number of its `partial_success`. 0 where it says nothing. */
export const rejectedIn = (answer: Uint8Array): number => {
  if (answer[0] !== 8 + LENGTH) return 0;
  const length = readVarint(answer, 1);
  if (!length || length.value === 0 || answer[length.end] !== 8 + VARINT) return 0;
  return readVarint(answer, length.end + 1)?.value ?? 0;
};

/** A number of at most five bytes, and where it ends; undefined where none is. */
const readVarint = (bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } | undefined => {
  let value = 0;
  let factor = 1;
  for (let at = from; at < Math.min(from + 5, bytes.length); at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 127) * factor;
    if (byte < 128) return { value, end: at + 1 };
    factor *= 128;
  }
  return undefined;
};
