/**
 * An object that has, at each moment, the properties of what `of` returns then; those that `over` names are made from
 * it. Whoever keeps it sees every change, and whoever copies it does not.
 */
export const viewOf = <T extends object>(of: () => T, over: { readonly [K in keyof T]?: (under: T) => T[K] } = {}): T => {
  const overs: Readonly<Record<PropertyKey, ((under: T) => unknown) | undefined>> = over;
  return new Proxy<T>({} as T, {
    get: (_, key) => {
      const now = of();
      const own = overs[key];
      if (own) return own(now);
      const value: unknown = Reflect.get(now, key, now);
      return typeof value === 'function' ? (value.bind(now) as unknown) : value;
    },
    has: (_, key) => Reflect.has(of(), key),
    ownKeys: () => Reflect.ownKeys(of()),
    getOwnPropertyDescriptor: (_, key) => {
      const now = of();
      const found = Reflect.getOwnPropertyDescriptor(now, key);
      const own = overs[key];
      return found && { ...(own ? { value: own(now), enumerable: true } : found), configurable: true };
    },
  });
};
