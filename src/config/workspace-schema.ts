import { z } from 'zod';

const name = z.string().trim().min(1);
const text = z.string().trim();
const id = z.union([z.string(), z.number()]);

const budget = {
  daily_usd: z.number().optional(),
  monthly_usd: z.number().optional(),
  promise_usd: z.number().optional(),
  warn_at: z.number().optional(),
  cheaper_model: name.optional(),
};
const person = { name, role: name.optional(), description: text.optional(), budget: z.strictObject(budget).optional() };
const workspace = {
  database_id: name.optional(),
  description: text,
  workspace_type: name,
  working_directory: name,
  telegram_chat_ids: z.array(id),
  aliases: z.array(name).default([]),
  is_dev_group: z.boolean().default(false),
  agent: name.optional(),
  tools: z.array(name).optional(),
  mcp_servers: z.array(name).optional(),
  mcp_safe_tools: z.array(name).optional(),
  roles: z.record(z.string(), name).optional(),
  approve: z.array(name).optional(),
  budget: z.strictObject(budget).optional(),
};
const allowedUserId = { description: text.default(''), working_directory: name.optional() };
const allowedUser = { username: name.optional(), ...allowedUserId };
const dmWhitelist = {
  description: z.string().optional(),
  default_working_directory: name.optional(),
  mcp_safe_tools: z.array(name).optional(),
  pairing: z.boolean().optional(),
  allowed_users: z.record(z.string(), z.strictObject(allowedUser)).default({}),
  allowed_user_ids: z.record(z.string(), z.strictObject(allowedUserId)).default({}),
};

/** The shape of `workspace_config.json`. Contradictions between its parts are checked elsewhere. */
export const workspaceFileSchema = z.strictObject({
  workspaces: z.record(z.string(), z.strictObject(workspace)).default({}),
  telegram_groups: z.record(z.string(), z.string()).optional(),
  dm_whitelist: z.strictObject(dmWhitelist).optional(),
  people: z.record(z.string(), z.strictObject(person)).optional(),
  budget: z.strictObject(budget).optional(),
});

const readable = <T extends z.ZodType>(type: T) => type.optional().catch(undefined);
type Readable<Shape extends Readonly<Record<string, z.ZodType>>> = { [Key in keyof Shape]: ReturnType<typeof readable<Shape[Key]>> };
/** An object with those of its parts that can be read. */
const parts = <Shape extends Readonly<Record<string, z.ZodType>>>(shape: Shape) =>
  z.object(Object.fromEntries(Object.entries(shape).map(([key, type]) => [key, readable(type)])) as Readable<Shape>);
const named = <T extends z.ZodType>(type: T) => z.record(z.string(), readable(type));

/**
 * The same schema, but it refuses nothing: a part that is missing or of a wrong shape is undefined, so that the rest
 * can be checked. Use it together with `workspaceFileSchema`, which reports the problems.
 */
export const readableFileSchema = parts({
  workspaces: named(
    parts({
      ...workspace,
      telegram_chat_ids: z.array(readable(id)),
      aliases: z.array(readable(name)).default([]),
      roles: named(name),
      budget: parts(budget),
    }),
  ).default({}),
  telegram_groups: named(z.string()),
  dm_whitelist: parts({ ...dmWhitelist, allowed_users: named(parts(allowedUser)), allowed_user_ids: named(parts(allowedUserId)) }),
  people: named(parts({ ...person, budget: parts(budget) })),
  budget: parts(budget),
});

/** A budget as the file writes it. */
export type WrittenBudget = NonNullable<z.output<typeof readableFileSchema>['budget']>;
export type WorkspaceFile = z.output<typeof readableFileSchema>;

/** Every key of each kind of object, by the shape of the path that leads to it (`*` is a name of the user's). */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(workspaceFileSchema.shape),
  'workspaces.*': Object.keys(workspace),
  'workspaces.*.budget': Object.keys(budget),
  'people.*': Object.keys(person),
  'people.*.budget': Object.keys(budget),
  budget: Object.keys(budget),
  dm_whitelist: Object.keys(dmWhitelist),
  'dm_whitelist.allowed_users.*': Object.keys(allowedUser),
  'dm_whitelist.allowed_user_ids.*': Object.keys(allowedUserId),
};

/** The absolute path of a directory that the file names at `place`; notes when no directory is there. */
export type DirectoryAt = (place: string, written: string) => string;
