/** An object without the entries that are undefined: what may be left out of it is optional. */
export type Present<T> = { readonly [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  readonly [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** What is there: an entry that is undefined counts as absent, and leaves every default as it is. */
export const present = <T extends object>(entries: T): Present<T> => {
  const there: { [K in keyof T]?: T[K] } = {};
  for (const key of Object.keys(entries) as (keyof T)[]) if (entries[key] !== undefined) there[key] = entries[key];
  return there as unknown as Present<T>;
};
