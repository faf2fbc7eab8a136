import { z } from 'zod';

const name = z.string().trim().min(1);
const id = z.union([z.string(), z.number()]);

const workspace = z.strictObject({
  database_id: name.optional(),
  description: z.string().trim(),
  workspace_type: name,
  working_directory: name,
  telegram_chat_ids: z.array(id),
  aliases: z.array(name).default([]),
  is_dev_group: z.boolean().default(false),
});

const allowedUser = z.strictObject({
  username: name.optional(),
  description: z.string().trim().default(''),
  working_directory: name.optional(),
});

const allowedUserId = z.strictObject({
  description: z.string().trim().default(''),
  working_directory: name.optional(),
});

const dmWhitelist = z.strictObject({
  description: z.string().optional(),
  default_working_directory: name.optional(),
  allowed_users: z.record(z.string(), allowedUser).default({}),
  allowed_user_ids: z.record(z.string(), allowedUserId).default({}),
});

/** `workspace_config.json`, by shape alone; what its parts mean to each other is checked apart. */
export const workspaceFileSchema = z.strictObject({
  workspaces: z.record(z.string(), workspace).default({}),
  telegram_groups: z.record(z.string(), z.string()).optional(),
  dm_whitelist: dmWhitelist.optional(),
});

export type WorkspaceFile = z.output<typeof workspaceFileSchema>;

/** Every key of each kind of object, by the shape of the path that leads to it (`*` is a name of the user's). */
export const KNOWN_KEYS: Readonly<Record<string, readonly string[]>> = {
  '': Object.keys(workspaceFileSchema.shape),
  'workspaces.*': Object.keys(workspace.shape),
  dm_whitelist: Object.keys(dmWhitelist.shape),
  'dm_whitelist.allowed_users.*': Object.keys(allowedUser.shape),
  'dm_whitelist.allowed_user_ids.*': Object.keys(allowedUserId.shape),
};

/** The absolute path of a directory that the file names at `place`; notes when no directory is there. */
export type DirectoryAt = (place: string, written: string) => string;
