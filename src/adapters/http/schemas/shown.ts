import type { z } from 'zod';

export type Schema = z.ZodType;
/** A schema of a reply; see `reply`. */
export type Reply<S extends Schema = Schema> = () => S;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
/** What fits a reply's schema. */
export type Shown<R extends Reply> = DeepReadonly<z.output<ReturnType<R>>>;
