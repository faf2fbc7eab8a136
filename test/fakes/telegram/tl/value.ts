/**
 * Values of the type language (https://core.telegram.org/mtproto/TL): `long` is a bigint, `int128` and longer are
 * bytes, objects carry the name of their constructor in `_`. Absent flags are absent fields.
 */
export type TlValue = number | bigint | string | boolean | Buffer | TlObject | readonly TlValue[] | undefined;
export interface TlObject {
  readonly _: string;
  readonly [field: string]: TlValue;
}

export const isTlObject = (value: TlValue): value is TlObject =>
  typeof value === 'object' && !Buffer.isBuffer(value) && !Array.isArray(value) && '_' in value;

const wrong = (object: TlObject, field: string, wanted: string): never => {
  throw new TypeError(`${object._}.${field} is no ${wanted}`);
};

export const int = (object: TlObject, field: string): number => {
  const value = object[field];
  return typeof value === 'number' ? value : wrong(object, field, 'int');
};

export const long = (object: TlObject, field: string): bigint => {
  const value = object[field];
  return typeof value === 'bigint' ? value : wrong(object, field, 'long');
};

export const bool = (object: TlObject, field: string): boolean => {
  const value = object[field];
  return typeof value === 'boolean' ? value : wrong(object, field, 'Bool');
};

/** A `long` as a number: ids of users and chats fit. */
export const id = (object: TlObject, field: string): number => Number(long(object, field));

export const text = (object: TlObject, field: string): string => {
  const value = object[field];
  return typeof value === 'string' ? value : wrong(object, field, 'string');
};

export const bytes = (object: TlObject, field: string): Buffer => {
  const value = object[field];
  return Buffer.isBuffer(value) ? value : wrong(object, field, 'bytes');
};

export const object = (parent: TlObject, field: string): TlObject => {
  const value = parent[field];
  return isTlObject(value) ? value : wrong(parent, field, 'object');
};

export const list = (parent: TlObject, field: string): readonly TlValue[] => {
  const value = parent[field];
  return Array.isArray(value) ? value : wrong(parent, field, 'vector');
};

export const objects = (parent: TlObject, field: string): readonly TlObject[] =>
  list(parent, field).map((value) => (isTlObject(value) ? value : wrong(parent, field, 'vector of objects')));

export const longs = (parent: TlObject, field: string): readonly bigint[] =>
  list(parent, field).map((value) => (typeof value === 'bigint' ? value : wrong(parent, field, 'vector of longs')));

export const ints = (parent: TlObject, field: string): readonly number[] =>
  list(parent, field).map((value) => (typeof value === 'number' ? value : wrong(parent, field, 'vector of ints')));

/** The field as `read` returns it, or undefined if it is absent. */
export const optional = <T>(read: (object: TlObject, field: string) => T, object: TlObject, field: string): T | undefined =>
  object[field] === undefined ? undefined : read(object, field);

/** Whether a flag of type `true` is set. */
export const flagOf = (object: TlObject, field: string): boolean => object[field] === true;
