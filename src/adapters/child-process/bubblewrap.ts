import { execFile } from 'node:child_process';
import { constants, lstatSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import type { DiskView } from '../../ports/adapter-kit/child-start.ts';

/**
 * The arguments that have bubblewrap run a command in its own process namespace, without rights of root. It reads the
 * rest of the disk, writes to what is writable, and ends when this process dies.
 */
export const bubblewrapArguments = (disk: DiskView, cwd: string): readonly string[] => {
  const mounts: { readonly path: string; readonly args: readonly string[] }[] = [];
  for (const path of disk.writable) if (kindOf(path)) mounts.push({ path, args: ['--bind', path, path] });
  for (const path of disk.guarded) if (kindOf(path)) mounts.push({ path, args: ['--ro-bind', path, path] });
  for (const path of disk.hidden) {
    const kind = kindOf(path);
    if (kind === 'directory') mounts.push({ path, args: ['--tmpfs', path] });
    else if (kind === 'file') mounts.push({ path, args: ['--ro-bind', '/dev/null', path] });
  }
  // What lies deeper is mounted later, over what lies above it.
  mounts.sort((a, b) => a.path.split('/').length - b.path.split('/').length);
  return [
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--cap-drop', 'ALL'],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--die-with-parent'],
    ...mounts.flatMap(({ args }) => args),
    ...['--chdir', cwd, '--'],
  ];
};

/** A link is no place to mount: what it leads to is. */
const kindOf = (path: string): 'directory' | 'file' | undefined => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() ? 'directory' : found?.isFile() ? 'file' : undefined;
};

const TRIAL_MS = 5_000;

/** The bubblewrap of this machine. Undefined if there is none, or if the system does not let it work. */
export const findBubblewrap = async (path: string): Promise<string | undefined> => {
  for (const directory of path.split(delimiter).filter((part) => part !== '')) {
    const command = join(directory, 'bwrap');
    const isThere = await access(command, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return (await works(command)) ? command : undefined;
  }
  return undefined;
};

const works = async (bubblewrap: string): Promise<boolean> => {
  const args = bubblewrapArguments({ writable: [], guarded: [], hidden: [] }, '/');
  return promisify(execFile)(bubblewrap, [...args, 'true'], {
    timeout: TRIAL_MS,
    killSignal: 'SIGKILL',
    env: { PATH: '/usr/bin:/bin' },
  }).then(
    () => true,
    () => false,
  );
};
