import type { z } from 'zod';

/** The variables of a section, each with its kind. */
export type Variables = Readonly<Record<string, z.ZodType>>;

/** What a section reads of the environment: its own variables, absent where they are unset or empty. */
export type Values<V extends Variables> = z.output<z.ZodObject<V>>;
