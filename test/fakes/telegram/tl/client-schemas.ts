import { createRequire } from 'node:module';
import { z } from 'zod';
import { CORE_DEFINITIONS } from './core-schema.ts';
import { camelCase, type Definition, type Field, makeSchema } from './schema.ts';

const load = createRequire(import.meta.url);

const TELEPROTO = z.array(
  z.object({
    name: z.string(),
    namespace: z.string().optional(),
    constructorId: z.number(),
    result: z.string(),
    isFunction: z.boolean(),
    argsConfig: z.record(
      z.string(),
      z.object({
        isVector: z.boolean(),
        isFlag: z.boolean(),
        flagName: z.string().nullable(),
        flagIndex: z.number(),
        flagIndicator: z.boolean(),
        type: z.string().nullable(),
        useVectorId: z.boolean().nullable(),
      }),
    ),
  }),
);

type TeleprotoField = z.infer<typeof TELEPROTO>[number]['argsConfig'][string];

const fromTeleproto = ([name, field]: [string, TeleprotoField]): Field => ({
  name: camelCase(name),
  type: {
    base: field.flagIndicator ? '#' : field.type === 'X' ? '!X' : (field.type ?? ''),
    vector: field.isVector ? (field.useVectorId ? 'boxed' : 'bare') : 'none',
    bare: false,
  },
  ...(field.isFlag && field.flagName !== null ? { flag: { field: camelCase(field.flagName), bit: field.flagIndex } } : {}),
});

/**
 * The definitions from which the product's client is generated. A test checks them against the constructors' numbers.
 */
export const readTeleprotoDefinitions = (): readonly Definition[] =>
  TELEPROTO.parse(load('telegram/tl/generated/api-definitions.js')).map((each) => ({
    name: `${each.namespace ? `${each.namespace}.` : ''}${each.name.charAt(0).toLowerCase()}${each.name.slice(1)}`,
    id: each.constructorId,
    fields: Object.entries(each.argsConfig).map(fromTeleproto),
    result: each.result,
    isFunction: each.isFunction,
  }));

const TELEPROTO_LAYER = 229;

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** The schema of the product's client, read when first needed. */
export const productSchema = once(() => makeSchema(TELEPROTO_LAYER, CORE_DEFINITIONS, readTeleprotoDefinitions()));
