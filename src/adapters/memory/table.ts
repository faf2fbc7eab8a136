import { PortError } from '../../ports/index.ts';

type Key = string | number;

/** Rows by key, in the order of their first being put. None is ever deleted: no port asks for it. */
export interface Table<Row> {
  get(key: Key): Row | undefined;
  rows(): Iterable<Row>;
  /** Stores a frozen copy: neither the caller nor a reader can change it afterwards. */
  put(row: Row): void;
}

/** A view that reads what is committed and keeps its own changes to itself. */
export interface Branch<Row> extends Table<Row> {
  /** Whether there was anything to commit. */
  commit(): boolean;
  /** From here on `put` throws: a change that nobody awaited must not be lost in silence. */
  close(): void;
}

export interface CommittedTable<Row> {
  branch(): Branch<Row>;
}

export const makeTable = <Row>(keyOf: (row: Row) => Key): CommittedTable<Row> => {
  const committed = new Map<Key, Row>();
  return {
    branch: () => {
      const changed = new Map<Key, Row>();
      let open = true;
      return {
        get: (key) => changed.get(key) ?? committed.get(key),
        *rows() {
          for (const [key, row] of committed) yield changed.get(key) ?? row;
          for (const [key, row] of changed) if (!committed.has(key)) yield row;
        },
        put: (row) => {
          if (!open) throw new PortError('invalid-request', 'this unit of work has ended: await every call in it', { retryable: false });
          changed.set(keyOf(row), deepFreeze(structuredClone(row)));
        },
        commit: () => {
          for (const [key, row] of changed) committed.set(key, row);
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
