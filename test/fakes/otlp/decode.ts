/**
 * Reads an `ExportTraceServiceRequest` of OTLP 1.5 as strictly as a collector may: what is malformed, or no field of
 * the protocol, is refused with its reason.
 */
export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  /** In ns since 1970. */
  readonly startedAt: bigint;
  readonly endedAt: bigint;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly string[];
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 0 unset, 1 ok, 2 error. */
  readonly status: number;
  readonly resource: Readonly<Record<string, unknown>>;
  readonly scope: string;
}

export class MalformedError extends Error {}
const malformed = (reason: string): never => {
  throw new MalformedError(reason);
};

type Field = { readonly number: number } & (
  | { readonly wire: 0; readonly value: bigint }
  | { readonly wire: 1 | 2 | 5; readonly value: Buffer }
);

const fieldsOf = (data: Buffer, allowed: Readonly<Record<number, 0 | 1 | 2 | 5>>): readonly Field[] => {
  const fields: Field[] = [];
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = data[at++] ?? malformed('a number is cut off');
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
    return malformed('a number is too long');
  };
  const take = (length: number): Buffer => {
    if (at + length > data.length) malformed('a field is cut off');
    at += length;
    return data.subarray(at - length, at);
  };
  while (at < data.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >> 3, tag & 7];
    if (allowed[number] !== wire) malformed(`field ${number} of type ${wire} is none of ${Object.keys(allowed).join(', ')}`);
    if (wire === 0) fields.push({ number, wire, value: varint() });
    else if (wire === 1 || wire === 5) fields.push({ number, wire, value: take(wire === 1 ? 8 : 4) });
    else fields.push({ number, wire: 2, value: take(Number(varint())) });
  }
  return fields;
};

const all = (fields: readonly Field[], number: number): readonly Buffer[] =>
  fields.flatMap((field) => (field.number === number && field.wire !== 0 ? [field.value] : []));
const one = (fields: readonly Field[], number: number): Buffer => {
  const found = all(fields, number);
  if (found.length !== 1) malformed(`field ${number} stands there ${found.length} times`);
  return found[0] as Buffer;
};
const text = (data: Buffer): string => new TextDecoder('utf-8', { fatal: true }).decode(data);
const numbers = (fields: readonly Field[], number: number): readonly bigint[] =>
  fields.flatMap((field) => (field.number === number && field.wire === 0 ? [field.value] : []));

const anyValue = (data: Buffer): unknown => {
  const fields = fieldsOf(data, { 1: 2, 2: 0, 3: 0, 4: 1, 5: 2 });
  const [field] = fields;
  if (fields.length !== 1 || !field) return malformed('a value is not one value');
  if (field.wire === 0) return field.number === 2 ? field.value === 1n : Number(BigInt.asIntN(64, field.value));
  if (field.wire === 1) return field.value.readDoubleLE();
  if (field.number === 1) return text(field.value);
  return all(fieldsOf(field.value, { 1: 2 }), 1).map(anyValue);
};

const attributes = (items: readonly Buffer[]): Readonly<Record<string, unknown>> => {
  const pairs = items.map((item) => {
    const fields = fieldsOf(item, { 1: 2, 2: 2 });
    return [text(one(fields, 1)) || malformed('an attribute has no name'), anyValue(one(fields, 2))] as const;
  });
  if (new Set(pairs.map(([key]) => key)).size !== pairs.length) malformed('an attribute stands there twice');
  return Object.fromEntries(pairs);
};

const id = (data: Buffer, length: number): string => {
  if (data.length !== length || data.every((byte) => byte === 0)) malformed(`an id has ${data.length} bytes, or only zeros`);
  return data.toString('hex');
};

const span = (data: Buffer, resource: ReceivedSpan['resource'], scope: string): ReceivedSpan => {
  const fields = fieldsOf(data, { 1: 2, 2: 2, 3: 2, 4: 2, 5: 2, 6: 0, 7: 1, 8: 1, 9: 2, 10: 0, 11: 2, 12: 0, 13: 2, 14: 0, 15: 2, 16: 5 });
  const name = text(one(fields, 5));
  const [startedAt, endedAt] = [one(fields, 7).readBigUInt64LE(), one(fields, 8).readBigUInt64LE()];
  const [kind = 0n] = numbers(fields, 6);
  if (name === '') malformed('a span has no name');
  if (endedAt < startedAt) malformed(`${name} ends before it begins`);
  if (kind < 1n || kind > 5n) malformed(`${name} is of kind ${kind}`);
  const [parent] = all(fields, 4);
  const [status] = all(fields, 15);
  return {
    traceId: id(one(fields, 1), 16),
    spanId: id(one(fields, 2), 8),
    parentSpanId: parent ? id(parent, 8) : '',
    name,
    kind: Number(kind),
    startedAt,
    endedAt,
    attributes: attributes(all(fields, 9)),
    events: all(fields, 11).map((event) => text(one(fieldsOf(event, { 1: 1, 2: 2, 3: 2, 4: 0 }), 2))),
    links: all(fields, 13).map((link) => {
      const of = fieldsOf(link, { 1: 2, 2: 2, 3: 2, 4: 2, 5: 0, 6: 5 });
      return { traceId: id(one(of, 1), 16), spanId: id(one(of, 2), 8) };
    }),
    status: status ? Number(numbers(fieldsOf(status, { 2: 2, 3: 0 }), 3)[0] ?? 0) : 0,
    resource,
    scope,
  };
};

/** Throws MalformedError. */
export const decodeSpans = (body: Buffer): readonly ReceivedSpan[] =>
  all(fieldsOf(body, { 1: 2 }), 1).flatMap((part) => {
    const fields = fieldsOf(part, { 1: 2, 2: 2, 3: 2 });
    const resource = attributes(all(fieldsOf(one(fields, 1), { 1: 2, 2: 0 }), 1));
    if (typeof resource['service.name'] !== 'string') malformed('the resource names no service');
    return all(fields, 2).flatMap((scoped) => {
      const of = fieldsOf(scoped, { 1: 2, 2: 2, 3: 2 });
      const scope = text(one(fieldsOf(one(of, 1), { 1: 2, 2: 2, 3: 2, 4: 0 }), 1));
      return all(of, 2).map((each) => span(each, resource, scope));
    });
  });
