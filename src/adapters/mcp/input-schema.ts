export type JsonSchema = Readonly<Record<string, unknown>>;

/** The longest schema of one tool, as JSON. */
export const MAX_SCHEMA_LENGTH = 8_000;
const MAX_DEPTH = 24;
/** Keywords that model APIs refuse at the top: the server checks the arguments anyway. */
const REFUSED_AT_TOP = ['$schema', '$id', '$comment', 'oneOf', 'anyOf', 'allOf', 'not', 'if', 'then', 'else'];
/** What explains a schema and does not change what it accepts. */
const EXPLAINING = ['description', 'title', 'examples', 'default', '$comment', 'deprecated'];

/**
 * The schema as model APIs take it, at most 8,000 characters long: whole; else without its explanations; else only what
 * its arguments are called and which are required. undefined if even that is longer, or if it is nested too deep.
 */
export const inputSchema = (schema: JsonSchema): JsonSchema | undefined => {
  if (depthOf(schema) > MAX_DEPTH) return undefined;
  const top = Object.fromEntries(Object.entries(schema).filter(([key]) => !REFUSED_AT_TOP.includes(key)));
  const whole = { ...top, type: 'object' };
  for (const make of [() => whole, () => withoutExplanations(whole), () => namesOnly(whole)]) {
    const fitted = make() as JsonSchema;
    if (JSON.stringify(fitted).length <= MAX_SCHEMA_LENGTH) return fitted;
  }
  return undefined;
};

/** The same, briefer still, for a server whose tools are too long together. */
export const briefSchema = (schema: JsonSchema): JsonSchema => withoutExplanations(schema) as JsonSchema;

/** A property may be called `description`: below `properties`, keys are names. */
const withoutExplanations = (value: unknown, areNames = false): unknown => {
  if (Array.isArray(value)) return value.map((item) => withoutExplanations(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => areNames || !EXPLAINING.includes(key))
      .map(([key, item]) => [key, isLiteral(key, areNames) ? item : withoutExplanations(item, !areNames && HOLDS_NAMES.includes(key))]),
  );
};
const HOLDS_NAMES = ['properties', 'patternProperties', '$defs', 'definitions', 'dependentSchemas'];
const isLiteral = (key: string, areNames: boolean): boolean => !areNames && ['enum', 'const', 'required'].includes(key);

const namesOnly = ({ properties, required }: JsonSchema): JsonSchema => ({
  type: 'object',
  properties: Object.fromEntries(
    Object.keys(typeof properties === 'object' && properties !== null ? properties : {}).map((name) => [name, {}]),
  ),
  ...(Array.isArray(required) ? { required } : {}),
});

const depthOf = (value: unknown, depth = 0): number => {
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return depth;
  let deepest = depth;
  for (const item of Object.values(value)) deepest = Math.max(deepest, depthOf(item, depth + 1));
  return deepest;
};
