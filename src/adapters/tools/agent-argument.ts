import { z } from 'zod';

/**
 * The schema with an argument `agent`, the name of the agent that does the work, if there is more than one to choose.
 */
export const withAgent = <Shape extends z.ZodRawShape>(schema: z.ZodObject<Shape>, agents: readonly string[]) => {
  const [usual, ...others] = agents;
  const agent = z
    .enum(agents)
    .optional()
    .describe(`Who does the work: ${agents.join(', ')}; ${usual} when left out`);
  return (others.length > 0 ? schema.extend({ agent }) : schema) as z.ZodObject<Shape & { agent: z.ZodOptional<z.ZodString> }>;
};
