import type { z } from 'zod';

export type Schema = z.ZodType;

type DeepReadonly<T> = T extends readonly (infer Item)[]
  ? readonly DeepReadonly<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: DeepReadonly<T[Key]> }
    : T;
/** What fits a reply's schema. */
export type Shown<S extends Schema> = DeepReadonly<z.output<S>>;
