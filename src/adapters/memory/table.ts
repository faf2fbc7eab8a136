import { PortError } from '../../ports/index.ts';

type Key = string | number;

/** Rows by key, in the order in which they were first put. */
export interface Table<Row> {
  get(key: Key): Row | undefined;
  rows(): Iterable<Row>;
  /** Stores a frozen copy: neither the caller nor a reader can change it afterwards. */
  put(row: Row): void;
  remove(key: Key): void;
}

/** A view of a table: it reads what is committed, and keeps its own changes to itself until it commits. */
export interface Branch<Row> extends Table<Row> {
  /** Whether there was anything to commit. */
  commit(): boolean;
  /** Makes `put` and `remove` throw from now on: a change that nobody awaited must not be lost in silence. */
  close(): void;
}

export interface CommittedTable<Row> {
  branch(): Branch<Row>;
}

export const makeTable = <Row>(keyOf: (row: Row) => Key): CommittedTable<Row> => {
  const committed = new Map<Key, Row>();
  return {
    branch: () => {
      /** By key. Undefined if the row is removed. */
      const changed = new Map<Key, Row | undefined>();
      let open = true;
      const change = (key: Key, row: Row | undefined): void => {
        if (!open) throw new PortError('invalid-request', 'this unit of work has ended: await every call in it', { retryable: false });
        changed.set(key, row);
      };
      return {
        get: (key) => (changed.has(key) ? changed.get(key) : committed.get(key)),
        *rows() {
          for (const [key, stored] of committed) {
            const row = changed.has(key) ? changed.get(key) : stored;
            if (row !== undefined) yield row;
          }
          for (const [key, row] of changed) if (row !== undefined && !committed.has(key)) yield row;
        },
        put: (row) => change(keyOf(row), deepFreeze(structuredClone(row))),
        remove: (key) => change(key, undefined),
        commit: () => {
          for (const [key, row] of changed) {
            if (row === undefined) committed.delete(key);
            else committed.set(key, row);
          }
          return changed.size > 0;
        },
        close: () => {
          open = false;
        },
      };
    },
  };
};

const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    Object.freeze(value);
    for (const part of Object.values(value)) deepFreeze(part);
  }
  return value;
};
