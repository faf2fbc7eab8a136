import type { Connection } from './wire/connection.ts';
import type { AuthKey } from './wire/session.ts';

/**
 * From where each key is used. Telegram ends a key that comes from two places at once, and answers AUTH_KEY_DUPLICATED
 * to both; for how long it remembers the first place after its connection has ended is not documented.
 */
export interface Places {
  /** From where connections come that are opened from now on. */
  here: string;
  /** How long after its last connection a place still counts, in ms; undefined: keys may be used from anywhere. */
  remembersForMs: number | undefined;
  /** The key begins to be used over that connection: false where it is used from another place. */
  enter(key: AuthKey, connection: Connection): boolean;
  /** That connection has ended. */
  leave(connection: Connection): void;
}

export const makePlaces = (): Places => {
  const open = new Map<AuthKey, Set<Connection>>();
  const left = new Map<AuthKey, { readonly place: string; readonly at: number }>();
  return {
    here: 'a machine',
    remembersForMs: undefined,
    enter(key, connection) {
      const connections = open.get(key) ?? new Set();
      open.set(key, connections);
      const last = left.get(key);
      const elsewhere =
        [...connections].some(({ place }) => place !== connection.place) ||
        (last !== undefined && last.place !== connection.place && Date.now() - last.at < (this.remembersForMs ?? 0));
      connections.add(connection);
      return this.remembersForMs === undefined || !elsewhere;
    },
    leave: (connection) => {
      for (const [key, connections] of open) if (connections.delete(connection)) left.set(key, { place: connection.place, at: Date.now() });
    },
  };
};
