import { gunzipSync } from 'node:zlib';
import { productSchema } from './client-schemas.ts';
import type { Definition, FieldType, Schema } from './schema.ts';
import { isTlObject, type TlObject, type TlValue } from './value.ts';

export const VECTOR = 0x1cb5c415;
export const GZIP_PACKED = 0x3072cfa1;
const BOOL_TRUE = 0x997275b5;
const BOOL_FALSE = 0xbc799737;

const definitionOf = (id: number): Definition => {
  const found = productSchema().byId.get(id);
  if (!found) throw new Error(`unknown constructor ${id.toString(16)}`);
  return found;
};

export class TlReader {
  readonly source: Buffer;
  offset = 0;
  constructor(source: Buffer) {
    this.source = source;
  }
  take(length: number): Buffer {
    if (length < 0 || this.offset + length > this.source.length) throw new Error(`${length} bytes wanted at the end of the data`);
    this.offset += length;
    return this.source.subarray(this.offset - length, this.offset);
  }
  int(): number {
    return this.take(4).readInt32LE();
  }
  uint(): number {
    return this.take(4).readUInt32LE();
  }
  long(): bigint {
    return this.take(8).readBigInt64LE();
  }
  bytes(): Buffer {
    const first = this.take(1)[0] ?? 0;
    const length = first === 254 ? this.take(3).readUIntLE(0, 3) : first;
    const value = Buffer.from(this.take(length));
    this.take(-((first === 254 ? 4 : 1) + length) & 3);
    return value;
  }
  object(): TlObject {
    const id = this.uint();
    if (id === GZIP_PACKED) return new TlReader(gunzipSync(this.bytes())).object();
    return this.#fields(definitionOf(id));
  }
  #fields(definition: Definition): TlObject {
    const read: Record<string, TlValue> & { _: string } = { _: definition.name };
    const flags = new Map<string, number>();
    for (const { name, type, flag } of definition.fields) {
      if (type.base === '#') flags.set(name, this.uint());
      else if (flag && !((flags.get(flag.field) ?? 0) & (1 << flag.bit))) continue;
      else read[name] = type.vector === 'none' ? this.#value(type) : this.#vector(type);
    }
    return read;
  }
  #vector(type: FieldType): readonly TlValue[] {
    if (type.vector === 'boxed' && this.uint() !== VECTOR) throw new Error('no vector');
    return Array.from({ length: this.uint() }, () => this.#value(type));
  }
  #value({ base }: FieldType): TlValue {
    switch (base) {
      case 'int':
        return this.int();
      case 'long':
        return this.long();
      case 'double':
        return this.take(8).readDoubleLE();
      case 'int128':
        return Buffer.from(this.take(16));
      case 'int256':
        return Buffer.from(this.take(32));
      case 'string':
        return this.bytes().toString('utf8');
      case 'bytes':
        return this.bytes();
      case 'true':
        return true;
      case 'Bool': {
        const id = this.uint();
        if (id !== BOOL_TRUE && id !== BOOL_FALSE) throw new Error('no Bool');
        return id === BOOL_TRUE;
      }
      default:
        return this.object();
    }
  }
}

export const decode = (bytes: Buffer): TlObject => new TlReader(bytes).object();

const uint = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32LE(value >>> 0);
  return bytes;
};

const longBytes = (value: bigint): Buffer => {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigInt64LE(BigInt.asIntN(64, value));
  return bytes;
};

export const bytesField = (value: Buffer): Buffer => {
  const long = value.length >= 254;
  const head = Buffer.alloc(long ? 4 : 1, 254);
  head.writeUIntLE(value.length, long ? 1 : 0, long ? 3 : 1);
  return Buffer.concat([head, value, Buffer.alloc(-(head.length + value.length) & 3)]);
};

const misfit = (where: string, base: string): never => {
  throw new TypeError(`${where} is no ${base}`);
};

const encodeValue = (schema: Schema, type: FieldType, value: TlValue, where: string): Buffer => {
  switch (type.base) {
    case 'int':
      return typeof value === 'number' && Number.isInteger(value) ? uint(value) : misfit(where, 'int');
    case 'long':
      return typeof value === 'number' || typeof value === 'bigint' ? longBytes(BigInt(value)) : misfit(where, 'long');
    case 'double': {
      if (typeof value !== 'number') return misfit(where, 'double');
      const bytes = Buffer.allocUnsafe(8);
      bytes.writeDoubleLE(value);
      return bytes;
    }
    case 'int128':
    case 'int256':
      return Buffer.isBuffer(value) && value.length === Number(type.base.slice(3)) / 8 ? value : misfit(where, type.base);
    case 'string':
      return typeof value === 'string' ? bytesField(Buffer.from(value)) : misfit(where, 'string');
    case 'bytes':
      return Buffer.isBuffer(value) ? bytesField(value) : misfit(where, 'bytes');
    case 'true':
      return Buffer.alloc(0);
    case 'Bool':
      return typeof value === 'boolean' ? uint(value ? BOOL_TRUE : BOOL_FALSE) : misfit(where, 'Bool');
    default:
      return isTlObject(value) ? encodeObject(schema, value, type.bare) : misfit(where, type.base);
  }
};

const encodeVector = (schema: Schema, type: FieldType, value: TlValue, where: string): Buffer => {
  if (!Array.isArray(value)) return misfit(where, 'vector');
  return Buffer.concat([
    ...(type.vector === 'boxed' ? [uint(VECTOR)] : []),
    uint(value.length),
    ...value.map((each, index) => encodeValue(schema, type, each, `${where}[${index}]`)),
  ]);
};

const flagBits = (definition: Definition, flags: string, object: TlObject): number =>
  definition.fields.reduce((bits, { name, type, flag }) => {
    const value = object[name];
    const there = value !== undefined && (value !== false || type.base === 'Bool');
    return there && flag?.field === flags ? bits | (1 << flag.bit) : bits;
  }, 0);

/**
 * Fields that share a flag's bit are written all or none. A field that the schema does not have is an error.
 */
const encodeObject = (schema: Schema, object: TlObject, bare = false): Buffer => {
  const definition = schema.byName.get(object._);
  if (!definition) throw new Error(`no constructor named ${object._} in layer ${schema.layer}`);
  const known = new Set(definition.fields.map(({ name }) => name));
  for (const name of Object.keys(object)) if (name !== '_' && !known.has(name)) throw new Error(`${object._} has no ${name}`);
  const bits = new Map<string, number>();
  const parts = bare ? [] : [uint(definition.id)];
  for (const { name, type, flag } of definition.fields) {
    const where = `${object._}.${name}`;
    if (type.base === '#') {
      bits.set(name, flagBits(definition, name, object));
      parts.push(uint(bits.get(name) ?? 0));
    } else if (!flag || (bits.get(flag.field) ?? 0) & (1 << flag.bit))
      parts.push(type.vector === 'none' ? encodeValue(schema, type, object[name], where) : encodeVector(schema, type, object[name], where));
  }
  return Buffer.concat(parts);
};

export const encode = (object: TlObject, schema: Schema = productSchema()): Buffer => encodeObject(schema, object);

/** The result of a method in the type that its schema names: an object, a Bool or a vector. */
export const encodeResult = (schema: Schema, method: string, result: TlValue): Buffer => {
  const type = schema.byName.get(method)?.result ?? '';
  const element = /^Vector<(.+)>$/.exec(type)?.[1];
  return element === undefined
    ? encodeValue(schema, { base: type === 'Bool' ? 'Bool' : 'Object', vector: 'none', bare: false }, result, method)
    : encodeVector(schema, { base: element === 'int53' ? 'long' : element, vector: 'boxed', bare: false }, result, method);
};
