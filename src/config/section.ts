import type { z } from 'zod';

/** The variables of a section, each with its kind. */
export type Variables = Readonly<Record<string, z.ZodType>>;

/** The values of a section's variables. Unset and empty variables are absent. */
export type Values<V extends Variables> = z.output<z.ZodObject<V>>;
