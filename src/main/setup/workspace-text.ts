/** `workspace_config.json` as it is written: keys that are not known here stay as they are, and where they are. */
export type WrittenConfig = Readonly<Record<string, unknown>>;

type Json = Readonly<Record<string, unknown>>;

const objectIn = (value: unknown): Json => (typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {});

export interface WrittenPerson {
  /** As the file names people of Telegram: the number alone. */
  readonly id: string;
  readonly name: string;
}

/** The person has the role of an owner everywhere, and may send direct messages. Other keys of both entries stay. */
export const withOwner = (config: WrittenConfig, { id, name }: WrittenPerson): WrittenConfig => {
  const people = objectIn(config.people);
  return withPerson({ ...config, people: { ...people, [id]: { name, ...objectIn(people[id]), role: 'owner' } } }, { id, name });
};

/** The person may send direct messages: by number, or by username. */
export const withPerson = (config: WrittenConfig, { id, name }: WrittenPerson): WrittenConfig => {
  const whitelist = objectIn(config.dm_whitelist);
  const key = id.startsWith('@') ? 'allowed_users' : 'allowed_user_ids';
  const word = id.replace(/^@/, '');
  const allowed = objectIn(whitelist[key]);
  return {
    ...config,
    dm_whitelist: { ...whitelist, [key]: { ...allowed, [word]: { description: name, ...objectIn(allowed[word]) } } },
  };
};

/** The workspace with that entry; what it has already stays unless `entry` says otherwise. */
export const withWorkspace = (config: WrittenConfig, name: string, entry: Json): WrittenConfig => {
  const workspaces = objectIn(config.workspaces);
  const standard = { description: name, workspace_type: 'project', working_directory: '.', telegram_chat_ids: [] };
  return { ...config, workspaces: { ...workspaces, [name]: { ...standard, ...objectIn(workspaces[name]), ...entry } } };
};

/** The groups belong to that workspace, which is there. */
export const withGroups = (config: WrittenConfig, name: string, ids: readonly string[]): WrittenConfig => {
  const known = objectIn(objectIn(config.workspaces)[name]).telegram_chat_ids;
  const before = Array.isArray(known) ? known.map(String) : [];
  const after = withWorkspace(config, name, { telegram_chat_ids: [...new Set([...before, ...ids])] });
  // Where that section is there, it must say the same.
  const groups = config.telegram_groups;
  return groups === undefined
    ? after
    : { ...after, telegram_groups: { ...objectIn(groups), ...Object.fromEntries(ids.map((id) => [id, name])) } };
};

export const withDailyBudget = (config: WrittenConfig, usd: number): WrittenConfig => ({
  ...config,
  budget: { ...objectIn(config.budget), daily_usd: usd },
});
