import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandFormOf } from '../../src/main/invocation.ts';
import type { Started } from '../../src/main/started.ts';
import { endWithUs } from './own-directory.ts';

export const KEPT = fileURLToPath(new URL('../../src/main/kept.ts', import.meta.url));

/** What a hint of these processes names: they run outside of the repository. */
export const typed = commandFormOf({ script: KEPT, node: process.execPath, cwd: tmpdir(), env: { PATH: process.env.PATH } });

/** A directory of its own for one test: data, configuration, and a project whose TODO comments are known. */
export interface Site {
  readonly root: string;
  readonly project: string;
  readonly dataDir: string;
  readonly database: string;
  readonly env: NodeJS.ProcessEnv;
  remove(): Promise<void>;
}

/** A project with three TODO comments, and decoys that are none. */
const PROJECT: Readonly<Record<string, string>> = {
  'src/one.ts': "// TODO: first\nexport const todoList = 'TODO is no comment here';\n",
  'src/two.py': '# TODO second\nprint("done")\n',
  'docs/page.html': '<!-- TODO third -->\n<p>words</p>\n',
  'node_modules/x/index.js': '// TODO not ours\n',
  '.gitignore': 'generated/\n',
  'generated/out.js': '// TODO generated\n',
};
export const PROJECT_TODOS = 3;

export const makeSite = async (env: NodeJS.ProcessEnv = {}): Promise<Site> => {
  const root = await mkdtemp(join(tmpdir(), 'kept-site-'));
  const project = join(root, 'project');
  for (const [path, text] of Object.entries(PROJECT)) {
    await mkdir(dirname(join(project, path)), { recursive: true });
    await writeFile(join(project, path), text);
  }
  const configPath = join(root, 'workspace_config.json');
  const whitelist = { description: 'test', default_working_directory: project, allowed_users: {}, allowed_user_ids: {} };
  await writeFile(configPath, JSON.stringify({ workspaces: {}, telegram_groups: {}, dm_whitelist: whitelist }));
  const dataDir = join(root, 'data');
  const { PATH, HOME, TMPDIR, NODE_V8_COVERAGE, NODE_COMPILE_CACHE } = process.env;
  const inherited = { PATH, HOME, TMPDIR, NODE_V8_COVERAGE, NODE_COMPILE_CACHE };
  return {
    root,
    project,
    dataDir,
    database: join(dataDir, 'system.db'),
    env: { ...inherited, PORT: '0', KEPT_DATA_DIR: dataDir, KEPT_CONFIG: configPath, ...env },
    remove: () => rm(root, { recursive: true, force: true }),
  };
};

export interface KeptProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it said of itself once it served. */
  readonly started: Started;
  /** Ends it as an operator would, and waits for it. */
  stop(): Promise<void>;
  /** Ends it at once, as a power cut would. */
  kill(): Promise<void>;
  /** What it printed to standard error. */
  errors(): string;
}

/** Starts a role in a process of its own, and waits until it serves. `program`: that of another version, say. */
export const startKept = async (site: Site, role: 'start' | 'bot' | 'worker', program = KEPT): Promise<KeptProcess> => {
  const child = fork(program, [role], { cwd: site.root, env: site.env, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  endWithUs(child);
  let errors = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const exited = once(child, 'exit');
  const started = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  if (!started) throw new Error(`kept ${role} did not start: ${errors}`);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await exited;
  };
  return {
    child,
    url: (started[0] as Started).url ?? '',
    started: started[0] as Started,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    errors: () => errors,
  };
};
