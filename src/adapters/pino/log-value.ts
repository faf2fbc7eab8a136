import { excerptWithLength } from '../../domain/index.ts';
import { isPortError } from '../../ports/port-error.ts';
import type { Redact } from '../../ports/redact.ts';

/** Fields whose values are always secret. */
const SECRET_FIELD =
  /^(?:(?:x[-_])?api[-_]?(?:key|hash|token)|(?:proxy[-_])?authorization|cookie|set[-_]cookie|password|passwd|passphrase|pwd|secret|credentials?|(?:(?:access|auth|bot|id|refresh|session|x-auth)[-_]?)?token|(?:client|app|consumer|signing|webhook)[-_]?secret|(?:access|private|secret|account|signing|encryption|auth|session)[-_]?key|secret[-_]?access[-_]?key|connection[-_]?string)$/i;

const MAX_DEPTH = 8;
const MAX_ENTRIES = 200;
const MAX_TEXT = 32_768;

/**
 * Makes what turns any value into plain JSON without secrets: deep in objects, lists, maps, errors and their causes.
 * Cycles, getters that throw and sizes without end become words; where a failure is one that passes, nobody needs its
 * stack, nor that of what caused it, unless that is a mistake of ours. Never throws.
 */
export const makeLogValue = (redact: Redact): ((value: unknown) => unknown) => {
  const text = (value: string): string => excerptWithLength(printable(redact(value)), MAX_TEXT);

  const plain = (value: unknown, above: readonly unknown[]): unknown => {
    if (typeof value === 'string') return text(value);
    if (typeof value === 'bigint' || typeof value === 'symbol') return text(String(value));
    if (typeof value === 'function') return '[function]';
    if (typeof value !== 'object' || value === null) return value;
    if (above.includes(value)) return '[circular]';
    if (above.length >= MAX_DEPTH) return '[deeper]';
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'invalid date' : value.toISOString();
    if (value instanceof URL || value instanceof RegExp) return text(String(value));
    const path = [...above, value];
    if (value instanceof Error) return errorOf(value, path);
    if (value instanceof Map)
      return entries(
        [...value].map(([key, item]) => [typeof key === 'string' ? key : String(plain(key, path)), item]),
        path,
      );
    if (Array.isArray(value) || value instanceof Set) return list([...value], path);
    return entries(
      Object.keys(value).map((key) => [key, propertyOf(value, key)]),
      path,
    );
  };
  const list = (items: readonly unknown[], path: readonly unknown[]): unknown[] => [
    ...items.slice(0, MAX_ENTRIES).map((item) => plain(item, path)),
    ...(items.length > MAX_ENTRIES ? [`[${items.length - MAX_ENTRIES} more]`] : []),
  ];
  const entries = (pairs: readonly (readonly [string, unknown])[], path: readonly unknown[]): Record<string, unknown> => {
    const shown = pairs
      .slice(0, MAX_ENTRIES)
      .map(([key, item]) => [text(key), SECRET_FIELD.test(key) && isText(item) ? '[redacted]' : plain(item, path)] as const);
    return Object.fromEntries(pairs.length > MAX_ENTRIES ? [...shown, ['…', `[${pairs.length - MAX_ENTRIES} more]`]] : shown);
  };
  const errorOf = (error: Error, path: readonly unknown[]): unknown => {
    const own = Object.keys(error).filter((key) => !['name', 'message', 'stack', 'cause'].includes(key));
    const stack = path.some(isPassing) && !isMistake(error) ? [] : ['stack'];
    const parts = ['name', 'message', ...stack, 'cause', 'errors'].filter((key) => propertyOf(error, key) !== undefined);
    return entries(
      [...new Set([...parts, ...own])].map((key) => [key, propertyOf(error, key)]),
      path,
    );
  };

  return (value) => {
    try {
      return plain(value, []);
    } catch (thrown) {
      // A proxy can throw anywhere. The value is lost, but the log shows that there was one.
      return `[unreadable: ${thrown instanceof Error ? text(thrown.message) : 'unknown reason'}]`;
    }
  };
};

/** The other side is down, slow, busy or asks for patience: that says all. */
const isPassing = (value: unknown): boolean => isPortError(value) && value.retryable && value.code !== 'unknown';

/** Errors that only a bug throws. `fetch` also throws a TypeError when the other side is away: that one has a cause. */
const isMistake = (error: Error): boolean =>
  error.cause === undefined && [TypeError, ReferenceError, RangeError].some((mistake) => error instanceof mistake);

const propertyOf = (owner: object, key: string): unknown => {
  try {
    return Reflect.get(owner, key);
  } catch {
    return '[unreadable]';
  }
};

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Control characters could forge lines and colours on a terminal. */
const printable = (text: string): string => text.replace(/[^\P{Cc}\n\t]/gu, '\ufffd');
