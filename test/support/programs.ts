import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { it } from 'mocha';

/** Programs that some tests run where they are installed, and the Debian package of each. */
const PACKAGES = {
  promtool: 'prometheus',
  prometheus: 'prometheus',
  'prometheus-alertmanager': 'prometheus-alertmanager',
  'systemd-notify': 'systemd',
  'systemd-analyze': 'systemd',
  amtool: 'prometheus-alertmanager',
  python3: 'python3',
  nginx: 'nginx-light',
  caddy: 'caddy',
  curl: 'curl',
} as const;
export type Program = keyof typeof PACKAGES;

/** Where it is on PATH; undefined where it is not installed. */
export const programPath = (program: Program): string | undefined =>
  (process.env.PATH ?? '')
    .split(delimiter)
    .map((directory) => join(directory, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        // Not in this directory.
        return false;
      }
    });

/** A test that runs where a program is installed. Elsewhere one line says that it did not run, and why. */
export const itWith = (program: Program, title: string, test: (this: Mocha.Context, path: string) => unknown): void => {
  const path = programPath(program);
  if (path === undefined)
    console.error(`not run, because ${program} is not on PATH (apt-get install ${PACKAGES[program]} brings it): ${title}`);
  else
    it(title, function () {
      return test.call(this, path);
    });
};

/** Runs it to its end, and gives what it printed. */
export const runProgram = (path: string, args: readonly string[], input = '') => {
  const { status, stdout, stderr } = spawnSync(path, args, { input, encoding: 'utf8', timeout: 30_000 });
  return { status, printed: `${stdout}${stderr}` };
};
