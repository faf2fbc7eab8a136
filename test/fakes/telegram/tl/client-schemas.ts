import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { CORE_DEFINITIONS } from './core-schema.ts';
import { camelCase, type Definition, type Field, makeSchema, type Schema } from './schema.ts';

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
 * The definitions that the product's client is generated from: data, checked against the constructors' numbers in a
 * test.
 */
export const readTeleprotoDefinitions = (): readonly Definition[] =>
  TELEPROTO.parse(load('telegram/tl/generated/api-definitions.js')).map((each) => ({
    name: `${each.namespace ? `${each.namespace}.` : ''}${each.name.charAt(0).toLowerCase()}${each.name.slice(1)}`,
    id: each.constructorId,
    fields: Object.entries(each.argsConfig).map(fromTeleproto),
    result: each.result,
    isFunction: each.isFunction,
  }));

const MTCUTE = z.object({
  l: z.number(),
  e: z.array(
    z.object({
      kind: z.enum(['class', 'method']),
      name: z.string(),
      id: z.number(),
      type: z.string(),
      typeModifiers: z.object({ isVector: z.boolean().optional() }).optional(),
      arguments: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          typeModifiers: z.object({ predicate: z.string().optional(), isVector: z.boolean().optional() }).optional(),
        }),
      ),
    }),
  ),
});

const fromMtcute = ({ name, type, typeModifiers }: z.infer<typeof MTCUTE>['e'][number]['arguments'][number]): Field => {
  const [flags, bit] = typeModifiers?.predicate?.split('.') ?? [];
  return {
    name: camelCase(name),
    type: { base: type === 'int53' ? 'long' : type, vector: typeModifiers?.isVector ? 'boxed' : 'none', bare: false },
    ...(flags ? { flag: { field: camelCase(flags), bit: Number(bit) } } : {}),
  };
};

const readMtcuteSchema = (): Schema => {
  const file = join(dirname(load.resolve('@mtcute/core')), 'tl', 'api-schema.json');
  const { l: layer, e: entries } = MTCUTE.parse(JSON.parse(readFileSync(file, 'utf8')));
  const definitions = entries.map((each) => ({
    name: each.name,
    id: each.id,
    fields: each.arguments.map(fromMtcute),
    result: each.typeModifiers?.isVector ? `Vector<${each.type}>` : each.type,
    isFunction: each.kind === 'method',
  }));
  return makeSchema(layer, CORE_DEFINITIONS, definitions);
};

const TELEPROTO_LAYER = 229;

const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/**
 * The schemas of both clients, each read when first needed: the product's, and the second opinion's, of an older layer.
 */
export const productSchema = once(() => makeSchema(TELEPROTO_LAYER, CORE_DEFINITIONS, readTeleprotoDefinitions()));
export const secondSchema = once(readMtcuteSchema);
