import { z } from 'zod';
import { excerpt } from '../../domain/shared/excerpt.ts';
import { briefSchema, inputSchema, type JsonSchema } from './input-schema.ts';
import { toolNames } from './tool-names.ts';

/** A tool of a server, as models may see it. */
export interface ListedTool {
  /** `mcp__<server>__<tool>`, fitted to what model APIs take. */
  readonly name: string;
  /** What the server calls it. */
  readonly tool: string;
  readonly description: string;
  readonly inputSchema: JsonSchema;
  /** What the server says of it. */
  readonly hints: readonly string[];
}

/** A hint of a server: the tool changes nothing. */
export const READS_ONLY = 'reads only';

/** What a list brought. */
export interface Listing {
  /** By name. */
  readonly tools: readonly ListedTool[];
  /** Tools that are not offered, each with the reason. */
  readonly leftOut: readonly LeftOut[];
}

export interface LeftOut {
  readonly tool: string;
  readonly reason: string;
}

const MAX_DESCRIPTION_LENGTH = 1_500;
/** The most that the tools of one server may take of a request, as characters of names, descriptions and schemas. */
export const MAX_LISTING_LENGTH = 64_000;
/** Beyond this, schemas go without explanations. */
const BRIEF_FROM = 32_000;
const MAX_TOOL_NAME_LENGTH = 256;

const toolSchema = z.object({
  name: z.string().min(1).max(MAX_TOOL_NAME_LENGTH),
  description: z.string().nullish(),
  inputSchema: z.record(z.string(), z.unknown()),
  annotations: z
    .object({ title: z.unknown(), readOnlyHint: z.unknown(), destructiveHint: z.unknown() })
    .partial()
    .nullish()
    .catch(undefined),
  execution: z.object({ taskSupport: z.unknown() }).partial().nullish().catch(undefined),
});

/** What of a list models may see: each tool checked and fitted, and all of it bounded. Never fails. */
export const listedTools = (server: string, listed: readonly unknown[]): Listing => {
  const leftOut: LeftOut[] = [];
  const leave = (tool: string, reason: string): void => void leftOut.push({ tool: shown(tool), reason });
  const fitted = new Map<string, Omit<ListedTool, 'name'>>();
  for (const one of listed) {
    const parsed = toolSchema.safeParse(one);
    if (!parsed.success) {
      leave(nameOf(one), 'it is no well-formed tool');
      continue;
    }
    const { name, description, inputSchema: schema, annotations, execution } = parsed.data;
    const fits = inputSchema(schema);
    if (fitted.has(name)) leave(name, 'its name stands twice');
    else if (execution?.taskSupport === 'required') leave(name, 'it runs as a task alone, which Kept does not do');
    else if (!fits) leave(name, 'its schema is too long or too deep');
    else fitted.set(name, { tool: name, description: words(description ?? ''), inputSchema: fits, hints: hintsOf(annotations ?? {}) });
  }
  const names = toolNames(server, [...fitted.keys()]);
  const tools = [...fitted.values()]
    .map((one) => ({ ...one, name: names.get(one.tool) ?? one.tool }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  const offered = withinLength(tools);
  for (const { tool } of tools.slice(offered.length)) leave(tool, 'the tools of this server are too long together');
  return { tools: offered, leftOut };
};

const withinLength = (tools: readonly ListedTool[]): readonly ListedTool[] => {
  const length = tools.reduce((sum, one) => sum + lengthOf(one), 0);
  const brief = length <= BRIEF_FROM ? tools : tools.map((one) => ({ ...one, inputSchema: briefSchema(one.inputSchema) }));
  let total = 0;
  const end = brief.findIndex((one) => {
    total += lengthOf(one);
    return total > MAX_LISTING_LENGTH;
  });
  return end < 0 ? brief : brief.slice(0, end);
};

/** How much of a request it takes. */
export const lengthOf = ({ name, description, inputSchema: schema }: ListedTool): number =>
  name.length + description.length + JSON.stringify(schema).length;

/** Without control characters, which no name and no sentence needs. */
const words = (text: string): string =>
  excerpt(
    text
      .slice(0, 4 * MAX_DESCRIPTION_LENGTH)
      .replace(/[^\P{Cc}\n\t]/gu, ' ')
      .trim(),
    MAX_DESCRIPTION_LENGTH,
  );

/** A name as people see it. */
export const shown = (name: string): string =>
  excerpt(
    name
      .slice(0, 400)
      .replace(/[\p{Cc}\s]+/gu, ' ')
      .trim(),
    80,
  ) || 'a tool without a name';

const nameOf = (one: unknown): string =>
  typeof one === 'object' && one !== null && 'name' in one && typeof one.name === 'string' ? one.name : '';

const hintsOf = ({ readOnlyHint, destructiveHint }: { readonly readOnlyHint?: unknown; readonly destructiveHint?: unknown }): string[] => [
  ...(readOnlyHint === true ? [READS_ONLY] : []),
  ...(readOnlyHint !== true && destructiveHint === true ? ['may destroy'] : []),
];
