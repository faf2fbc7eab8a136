import { z } from 'zod';
import { requireNode } from '../../domain/shared/node-version.ts';
import { present } from '../../domain/shared/present.ts';
import { asStorageFailure } from '../../ports/port-error.ts';
import { DEFAULT_TOOL_TIMEOUT_MS, type Tool, type ToolContext, type ToolOutcome } from '../../ports/tool.ts';
import { bounded } from './bounded-text.ts';

/**
 * A tool as it is written: `run` gets input that its schema accepted, and answers with text, or with a failure in
 * words.
 */
export interface ToolDefinition<Schema extends z.ZodObject> {
  readonly name: string;
  readonly description: string;
  /** Its keys are the tool's arguments; unknown ones are refused. */
  readonly schema: Schema;
  readonly effect: Tool['effect'];
  readonly activity: string;
  /** Default: 30 seconds. */
  readonly timeoutMs?: number;
  readonly price?: Tool['price'];
  readonly source?: Tool['source'];
  readonly readsPrivate?: Tool['readsPrivate'];
  readonly sendsOut?: Tool['sendsOut'];
  readonly run: (input: z.output<Schema>, context: ToolContext) => Promise<string | ToolOutcome>;
}

/**
 * Makes a tool. Wrong input fails with words that help a model to correct it, and the output has at most 20,000
 * characters.
 */
export const defineTool = <Schema extends z.ZodObject>(definition: ToolDefinition<Schema>): Tool => {
  const { name, description, schema, effect, activity, timeoutMs = DEFAULT_TOOL_TIMEOUT_MS, run } = definition;
  const { price, source, readsPrivate, sendsOut } = definition;
  requireNode(process.versions.node);
  const strict = schema.strict();
  const { $schema: _, ...inputSchema } = z.toJSONSchema(strict, { io: 'input' });
  return {
    name,
    description,
    effect,
    activity,
    timeoutMs,
    inputSchema,
    ...present({ price, source, readsPrivate, sendsOut }),
    run: async (input, context) => {
      const parsed = strict.safeParse(input);
      if (!parsed.success)
        return failure(`${name} was not run: ${parsed.error.issues.map(describeIssue).join('; ')}. Call it again with input that fits.`);
      const outcome = await run(parsed.data as z.output<Schema>, context);
      return typeof outcome === 'string' ? { output: bounded(outcome), isError: false } : { ...outcome, output: bounded(outcome.output) };
    },
  };
};

/** A tool that works on Kept's own storage. If that fails, the model gets an error without the storage's address. */
export const overStorage = (tool: Tool): Tool => ({
  ...tool,
  run: async (input, context) => {
    try {
      return await tool.run(input, context);
    } catch (error) {
      throw asStorageFailure(error);
    }
  },
});

export const failure = (output: string): ToolOutcome => ({ output: bounded(output), isError: true });

const describeIssue = ({ path, message }: z.core.$ZodIssue): string => {
  const place = path
    .map((key) => (typeof key === 'number' ? `[${key}]` : String(key)))
    .join('.')
    .replaceAll('.[', '[');
  return place === '' ? message : `${place}: ${message}`;
};
