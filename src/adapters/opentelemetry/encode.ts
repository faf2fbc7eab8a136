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

interface Writer {
  number(field: number, value: number): void;
  text(field: number, value: string): void;
  hex(field: number, digits: string): void;
  nanoseconds(field: number, ms: number): void;
  double(field: number, value: number): void;
  fixed32(field: number, value: number): void;
  /** A message within this one: what `write` writes. */
  message(field: number, write: () => void): void;
  written(): Buffer;
}

/** Writes into one buffer, which grows: thousands of spans are encoded at once, while others wait. */
const makeWriter = (): Writer => {
  let bytes = Buffer.allocUnsafe(16_384);
  let end = 0;

  const makeRoom = (length: number): void => {
    if (end + length <= bytes.length) return;
    const wider = Buffer.allocUnsafe(Math.max(2 * bytes.length, end + length));
    bytes.copy(wider);
    bytes = wider;
  };
  const varint = (value: number): void => {
    makeRoom(10);
    let rest = value;
    if (value < 0) {
      // It is sent as its complement to 2^64.
      let wide = BigInt.asUintN(64, BigInt(value));
      for (; wide > Number.MAX_SAFE_INTEGER; wide >>= 7n) bytes[end++] = Number(wide & 127n) | 128;
      rest = Number(wide);
    }
    for (; rest > 127; rest = Math.floor(rest / 128)) bytes[end++] = (rest % 128) | 128;
    bytes[end++] = rest;
  };
  const tag = (field: number, wire: number): void => varint(field * 8 + wire);

  /** What `write` writes, with its length before it: one byte is left for that, and it moves where that is too few. */
  const withLength = (field: number, write: () => void): void => {
    tag(field, LENGTH);
    makeRoom(1);
    const at = ++end;
    write();
    const length = end - at;
    const digits = length < 128 ? 1 : Math.ceil(Math.log2(length + 1) / 7);
    makeRoom(digits);
    if (digits > 1) bytes.copyWithin(at - 1 + digits, at, end);
    end = at - 1;
    varint(length);
    end += length;
  };
  const raw = (value: string, encoding: 'utf8' | 'hex', maxBytes: number): void => {
    makeRoom(maxBytes);
    end += bytes.write(value, end, encoding);
  };

  return {
    number: (field, value) => {
      tag(field, VARINT);
      varint(value);
    },
    text: (field, value) => withLength(field, () => raw(value, 'utf8', 3 * value.length)),
    hex: (field, digits) => withLength(field, () => raw(digits, 'hex', digits.length)),
    nanoseconds: (field, ms) => {
      tag(field, FIXED64);
      makeRoom(8);
      end = bytes.writeBigUInt64LE(BigInt(Math.max(0, Math.round(ms * 1_000))) * 1_000n, end);
    },
    double: (field, value) => {
      tag(field, FIXED64);
      makeRoom(8);
      end = bytes.writeDoubleLE(value, end);
    },
    fixed32: (field, value) => {
      tag(field, FIXED32);
      makeRoom(4);
      end = bytes.writeUInt32LE(value, end);
    },
    message: withLength,
    written: () => bytes.subarray(0, end),
  };
};

/** AnyValue. */
const writeValue = (to: Writer, value: Attribute): void => {
  if (typeof value === 'string') to.text(1, value);
  else if (typeof value === 'boolean') to.number(2, Number(value));
  else if (typeof value === 'object')
    to.message(5, () => {
      for (const item of value) to.message(1, () => to.text(1, item));
    });
  else if (Number.isSafeInteger(value)) to.number(3, value);
  else to.double(4, value);
};

const writeAttributes = (to: Writer, field: number, attributes: Attributes): void => {
  for (const [key, value] of Object.entries(attributes))
    to.message(field, () => {
      to.text(1, key);
      to.message(2, () => writeValue(to, value));
    });
};

const ERROR = 2;
/** The parent is in the same trace, and may be in another process: what is known is that it is sampled. */
const SAMPLED = 1;

const writeSpan = (to: Writer, span: Span): void => {
  to.hex(1, span.traceId);
  to.hex(2, span.spanId);
  if (span.parentSpanId !== undefined) to.hex(4, span.parentSpanId);
  to.text(5, span.name);
  to.number(6, KINDS[span.kind]);
  to.nanoseconds(7, span.startedAt);
  to.nanoseconds(8, span.endedAt);
  writeAttributes(to, 9, span.attributes);
  for (const { name, at } of span.points)
    to.message(11, () => {
      to.nanoseconds(1, at);
      to.text(2, name);
    });
  for (const { correlationId, spanId } of span.links)
    to.message(13, () => {
      to.hex(1, correlationId);
      to.hex(2, spanId);
    });
  if (span.isError) to.message(15, () => to.number(3, ERROR));
  to.fixed32(16, SAMPLED);
};

export interface Sender {
  /** What all spans are of. */
  readonly resource: Attributes;
  /** The name and the version of what makes the spans. */
  readonly scope: { readonly name: string; readonly version: string };
}

/** The body of one request: an `ExportTraceServiceRequest`. */
export const encodeSpans = ({ resource, scope }: Sender, spans: readonly Span[]): Buffer => {
  const to = makeWriter();
  to.message(1, () => {
    to.message(1, () => writeAttributes(to, 1, resource));
    to.message(2, () => {
      to.message(1, () => {
        to.text(1, scope.name);
        to.text(2, scope.version);
      });
      for (const span of spans) to.message(2, () => writeSpan(to, span));
    });
  });
  return to.written();
};

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
