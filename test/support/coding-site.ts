import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { workspacePlaces } from '../../src/adapters/files/index.ts';
import { decidePermission } from '../../src/domain/coding/permission.ts';
import type { CodingHooks } from '../../src/ports/index.ts';

/** A repository for a coding agent, with a home directory for it, and what lies outside. */
export const makeCodingSite = async () => {
  const root = await mkdtemp(join(tmpdir(), 'kept-coding-'));
  const workspace = join(root, 'project');
  const home = join(root, 'home');
  const outside = join(root, 'elsewhere');
  for (const directory of [workspace, home, outside]) await mkdir(directory, { recursive: true });
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', workspace, '-c', 'user.name=Ada', '-c', 'user.email=ada@example.org', ...args], { encoding: 'utf8' });
  git('init', '-q');
  await mkdir(join(workspace, '.git/hooks'), { recursive: true });
  await writeFile(join(workspace, 'readme.md'), 'hello\n');
  await symlink(outside, join(workspace, 'link'));
  git('add', '-A');
  git('commit', '-qm', 'begin');
  const onPermission: CodingHooks['onPermission'] = async (kind, _, paths) =>
    decidePermission({ kind, places: await workspacePlaces.locate(workspace, paths) });
  return {
    root,
    workspace,
    home,
    git,
    onPermission,
    read: (path: string): Promise<string | undefined> => readFile(join(workspace, path), 'utf8').catch(() => undefined),
    /** Processes of the agent, by their home directory. */
    processes: (): Promise<number> => countProcesses(`HOME=${home}`),
    remove: () => rm(root, { recursive: true, force: true }),
  };
};

export type CodingSite = Awaited<ReturnType<typeof makeCodingSite>>;

/** Live processes of this machine with a variable that begins like this: `HOME=/tmp/x`. */
export const countProcesses = async (beginning: string): Promise<number> => {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.map(async (pid) => {
      const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
      return environment.split('\0').some((one) => one.startsWith(beginning));
    }),
  );
  return found.filter(Boolean).length;
};
