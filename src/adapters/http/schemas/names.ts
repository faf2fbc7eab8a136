import { z } from 'zod';

/** JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What the document says of a schema in the place of what zod would: parameters come as text, and are documented as
 * what the text stands for. A key with `undefined` leaves out what zod says.
 */
export const wire = z.registry<JsonSchema>();

/** The schemas that the document names. Not zod's global registry: a host of the library may use these names itself. */
export const components = z.registry<{ readonly id: string; readonly description: string }>();

/** A schema that the document shows once, under this name. */
export const named = <S extends z.ZodType>(id: string, schema: S, description: string): S => {
  components.add(schema, { id, description });
  return schema;
};

/** The schema, with a description in this place. */
export const told = <S extends z.ZodType>(schema: S, description: string): S => {
  wire.add(schema, { ...wire.get(schema), description });
  return schema;
};
