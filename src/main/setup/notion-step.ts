import { systemClock } from '../../adapters/system/index.ts';
import { oneLine } from '../../adapters/terminal/index.ts';
import type { Config } from '../../config/index.ts';
import { isPortError } from '../../ports/index.ts';
import { mayReplace, type Setup, StepFailed, untilItWorks, write } from './setup.ts';
import { withWorkspace } from './workspace-text.ts';

const KEYS = 'https://www.notion.so/profile/integrations';
const SHARE = 'open the database in Notion, then “…”, Connections, and add the integration to it';
const LIMIT_MS = 30_000;

/** The database of a workspace: the key is proven by a list of the databases that it opens. */
export const notionStep = async (setup: Setup, workspace: string | undefined): Promise<void> => {
  const { files, flags, person, tell } = setup;
  const isNamed = flags.notionKey !== undefined || flags.notionDatabase !== undefined;
  const own = files.config().policy.workspaces.find(({ name }) => name === workspace);
  if (!isNamed && files.current('NOTION_API_KEY') !== undefined && (!own || own.notionDatabaseId !== undefined))
    return tell('notion', 'kept');
  if (!isNamed && (!person || !own || !(await person.confirm('Does that project have a database in Notion?', false)))) return;
  if (!own) throw new StepFailed('a database belongs to a workspace', 'name one with --workspace', 'init/no-workspace');
  const { name } = own;
  let isFirst = true;
  const chosen = await untilItWorks(setup, async () => {
    let key = flags.notionKey ?? files.current('NOTION_API_KEY');
    if (person && (!isFirst || key === undefined))
      key = (await person.ask(`Key of an integration, from ${KEYS} (nothing is shown): `, { secret: true })) || key;
    isFirst = false;
    if (key === undefined) throw new StepFailed('there is no key for Notion', 'give it with --notion-key', 'init/no-key');
    const variables = { NOTION_API_KEY: key };
    const database = flags.notionDatabase ?? (await chooseDatabase(setup, await databasesOf(files.preview({ variables }))));
    return { variables, database, title: await titleOf(files.preview({ variables }), database) };
  });
  if (!chosen) return tell('notion', 'left out');
  const { notionDatabaseId: before } = own;
  const replaces = before !== undefined && before !== chosen.database;
  const database = replaces && !(await mayReplace(setup, `The database of ${name}`)) ? before : chosen.database;
  write(setup, { variables: chosen.variables, workspaces: (written) => withWorkspace(written, name, { database_id: database }) });
  tell('notion', `${name} reads ${database === chosen.database ? chosen.title : database}`);
};

interface Listed {
  readonly id: string;
  readonly sources: readonly string[];
}

const databasesOf = async ({ notion }: Config): Promise<readonly Listed[]> => {
  if (!notion) return [];
  const { listDatabases } = await import('../../adapters/notion/index.ts');
  return asked(() => listDatabases({ ...notion, clock: systemClock }, AbortSignal.timeout(LIMIT_MS)));
};

/** Throws StepFailed where the database can't be read. */
const titleOf = async (config: Config, database: string): Promise<string> => {
  const { openWorkspaceDatabase } = await import('../modules/notion.ts');
  const opened = await openWorkspaceDatabase(config, systemClock);
  const described = await asked(async () => opened?.describe(database, { signal: AbortSignal.timeout(LIMIT_MS) }));
  return described === undefined ? database : `“${oneLine(described.title)}”`;
};

const asked = async <T>(ask: () => Promise<T>): Promise<T> => {
  try {
    return await ask();
  } catch (error) {
    if (!isPortError(error)) throw error;
    const fixes: Readonly<Record<string, string>> = { unauthorised: `copy the key again from ${KEYS}`, 'not-found': SHARE };
    throw new StepFailed(
      error.message,
      fixes[error.code] ?? 'is this machine on the network? See NOTION_BASE_URL',
      `init/notion-${error.code}`,
    );
  }
};

const chooseDatabase = async ({ person }: Setup, listed: readonly Listed[]): Promise<string> => {
  const [first, ...others] = listed;
  if (!first) throw new StepFailed('the key is right, and opens no database', SHARE, 'init/no-database');
  const nameOf = ({ sources, id }: Listed): string => `${oneLine(sources.join(', ')) || 'without a name'} (${id})`;
  if (person)
    return person.choose(
      'Which database?',
      listed.map((one) => ({ label: nameOf(one), value: one.id })),
    );
  if (others.length === 0) return first.id;
  throw new StepFailed(
    `the key opens more than one database: ${listed.map(nameOf).join('; ')}`,
    'name one with --notion-database',
    'init/databases',
  );
};
