import { z } from 'zod';
import { components, type JsonSchema, wire } from '../schemas/names.ts';
import type { Schema } from '../schemas/shown.ts';

/** Named schemas, as the document has them. */
export type Named = Map<string, JsonSchema>;

/**
 * The schema as JSON Schema (2020-12). What it names goes to `named`, and is referred to. A reply may have more fields
 * than its schema says, in a later version; a request may not.
 */
export const jsonSchemaOf = (schema: Schema, io: 'input' | 'output', named: Named): JsonSchema => {
  const made = z.toJSONSchema(schema, {
    io,
    target: 'draft-2020-12',
    unrepresentable: 'any',
    metadata: components as never,
    override: ({ zodSchema, jsonSchema }) => {
      Object.assign(jsonSchema, wire.get(zodSchema));
      // Zod leaves it out where the text is read as something else.
      if (zodSchema._zod.def.type === 'default') jsonSchema.default = zodSchema._zod.def.defaultValue;
      for (const [key, value] of Object.entries(jsonSchema))
        if (value === undefined || isNoise(key, value, jsonSchema)) delete jsonSchema[key];
      if (io === 'output' && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  const { $schema: _, $defs = {}, ...rest } = referring(made) as { $schema?: string; $defs?: Record<string, JsonSchema> };
  for (const [id, definition] of Object.entries($defs)) named.set(id, definition);
  return rest;
};

/** What says nothing to a reader: the limits of JSON's whole numbers, and the long pattern of times. */
const isNoise = (key: string, value: unknown, { type, format }: { readonly type?: unknown; readonly format?: unknown }): boolean =>
  (type === 'integer' && (key === 'minimum' || key === 'maximum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER) ||
  (format === 'date-time' && key === 'pattern');

const referring = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(referring);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === '$ref' && typeof inner === 'string' ? inner.replace('#/$defs/', '#/components/schemas/') : referring(inner),
    ]),
  );
};
