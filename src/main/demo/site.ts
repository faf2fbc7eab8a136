import { lstat, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isProcessAlive } from '../../ports/adapter-kit/process-alive.ts';

/** Where a demonstration runs: a directory of its own, with a project, agents, a skill and configuration. */
export interface DemoSite {
  readonly root: string;
  readonly project: string;
  readonly logFile: string;
  /** The whole environment of each process: nothing of the operator's own settings or keys is in it. */
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
  /** Leaves it for whoever wants to look: the next demonstration does not remove it. */
  leave(): Promise<void>;
}

/** The addresses of the stand-ins, on this machine. */
export interface StandIns {
  readonly notionUrl: string;
  readonly searchUrl: string;
}

/** The project of the demonstration, as it is named on the command line by its alias, too. */
export const PROJECT = { name: 'Tea House', alias: 'tea', databaseId: '11111111-1111-4111-8111-111111111111' } as const;

/** A stand-in takes any key. */
const STAND_IN = 'the-stand-in-takes-any-key';

const FILES: Readonly<Record<string, string>> = {
  'project/README.md': '# Tea House\n\nOrders tea for the office.\n',
  'project/src/orders.ts': '// TODO: refuse orders of coffee\nexport const order = (tea: string): string => tea;\n',
  'config/agents/tea_taster.md': `---
name: tea_taster
description: Answers questions about tea.
tools: [read_skill, read_file]
skills: [brewing]
limits:
  maxSteps: 6
---
You know how tea is made. Read the skill before you answer.
`,
  'config/skills/brewing/SKILL.md': `---
name: brewing
description: How long each kind of tea is brewed.
---
Green tea: two minutes. Black tea: four minutes.
`,
};

const PREFIX = 'kept-demo-';
/** Holds the id of the process that removes the directory at its end. */
const PID = 'demo.pid';

/** Removes the directories of this user's demonstrations that were killed. One that can't be removed stays. */
const removeDead = async (): Promise<void> => {
  const uid = process.getuid?.();
  for (const entry of await readdir(tmpdir(), { withFileTypes: true })) {
    if (!entry.isDirectory() || !entry.name.startsWith(PREFIX)) continue;
    const root = join(tmpdir(), entry.name);
    // Others may remove theirs at the same time.
    const owner = await lstat(root).catch(() => undefined);
    const pid = owner === undefined || owner.uid !== (uid ?? owner.uid) ? '' : await readFile(join(root, PID), 'utf8').catch(() => '');
    if (/^\d+$/.test(pid) && !isProcessAlive(Number(pid))) await rm(root, { recursive: true, force: true }).catch(() => undefined);
  }
};

/** What can't be made whole is removed. */
export const makeDemoSite = async (standIns: StandIns, program = nodeRunning): Promise<DemoSite> => {
  await removeDead();
  const root = await mkdtemp(join(tmpdir(), PREFIX));
  try {
    return await makeSiteIn(root, standIns, program);
  } catch (error) {
    await rm(root, { recursive: true, force: true });
    throw error;
  }
};

const makeSiteIn = async (root: string, { notionUrl, searchUrl }: StandIns, program: typeof nodeRunning): Promise<DemoSite> => {
  const project = join(root, 'project');
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text, { mode: 0o600 });
  };
  await write(PID, String(process.pid));
  for (const [path, text] of Object.entries(FILES)) await write(path, text);
  await write('config/workspace_config.json', JSON.stringify(workspaces(project), undefined, 2));
  await write('.mcp.json', JSON.stringify({ mcpServers: { kitchen: program('mcp-server') } }, undefined, 2));
  await mkdir(join(root, 'logs'));
  const coding = program('coding-agent');
  const { PATH, TMPDIR, npm_command } = process.env;
  return {
    root,
    project,
    logFile: join(root, 'logs', 'agent_demo.log'),
    env: {
      PATH,
      TMPDIR,
      HOME: root,
      // Hints name what works where the demonstration was started, and not in its own directory.
      npm_lifecycle_event: 'kept',
      npm_command,
      PORT: '0',
      KEPT_MODELS: 'rehearsal',
      KEPT_DATA_DIR: join(root, 'data'),
      PERPLEXITY_API_KEY: STAND_IN,
      PERPLEXITY_BASE_URL: searchUrl,
      NOTION_API_KEY: STAND_IN,
      NOTION_BASE_URL: notionUrl,
      KEPT_CODING_AGENT: `acp:${[coding.command, ...coding.args].map((word) => `"${word}"`).join(' ')}`,
    },
    remove: () => rm(root, { recursive: true, force: true }),
    leave: () => rm(join(root, PID), { force: true }),
  };
};

const workspaces = (project: string): object => ({
  workspaces: {
    [PROJECT.name]: {
      database_id: PROJECT.databaseId,
      description: 'The project of the demonstration',
      workspace_type: 'demo',
      working_directory: project,
      telegram_chat_ids: [],
      aliases: [PROJECT.alias],
    },
  },
  dm_whitelist: { default_working_directory: project },
});

/** A stand-in that runs as a process: TypeScript from the sources, JavaScript from the package. */
export const nodeRunning = (name: string): { readonly command: string; readonly args: readonly string[] } => {
  const own = fileURLToPath(import.meta.url);
  const extension = own.slice(own.lastIndexOf('.'));
  return { command: process.execPath, args: [join(dirname(own), 'stand-ins', `${name}${extension}`)] };
};
