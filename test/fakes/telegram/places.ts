import type { Connection } from './wire/connection.ts';
import type { AuthKey } from './wire/session.ts';

/**
 * The places from which each key is used. Telegram ends a key that is used in two places at once, and answers
 * AUTH_KEY_DUPLICATED to both. It is not documented how long it remembers the first place after its connection ended.
 */
export interface Places {
  /** The place of connections that are opened from now on. */
  here: string;
  /** How long a place counts after its last connection, in ms; undefined: keys can be used from anywhere. */
  remembersForMs: number | undefined;
  /** Records the use of the key over that connection. Returns false if the key is in use elsewhere. */
  enter(key: AuthKey, connection: Connection): boolean;
  /** Records the end of that connection. */
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
