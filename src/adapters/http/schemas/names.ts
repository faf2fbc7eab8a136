import { z } from 'zod';
import type { Reply, Schema } from './shown.ts';

/** JSON Schema, or a part of one. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * What the document says of a schema in the place of what zod would: parameters come as text, and are documented as
 * what the text stands for. A key with `undefined` leaves out what zod says.
 */
export const wire = z.registry<JsonSchema>();

/** The schemas that the document names. Not zod's global registry: a host of the library may use these names itself. */
export const components = z.registry<{ readonly id: string; readonly description: string }>();

/** A schema of a reply. It is made when the document, or a test, first asks for it: a server that runs needs none. */
export const reply = <S extends Schema>(make: () => S): Reply<S> => {
  let made: S | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

/** A schema of replies that the document shows once, under this name. */
export const named = <S extends Schema>(id: string, make: () => S, description: string): Reply<S> =>
  reply(() => {
    const schema = make();
    components.add(schema, { id, description });
    return schema;
  });

/** The schema with a description, and whatever else, in this place; for one without a name. */
export const told = <S extends Schema>(schema: S, description: string, more: JsonSchema = {}): S => {
  const here = schema.clone();
  wire.add(here, { ...wire.get(schema), description, ...more });
  return here;
};
