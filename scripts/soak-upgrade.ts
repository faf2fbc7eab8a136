/**
 * `npm run soak:upgrade -- [--from <git ref>] [--cycles 50]`: goes from that version of Kept to this one and back,
 * again and again, on both engines. Without `--from`, the version before is this very one, and the next one has a
 * migration more.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const root = join(import.meta.dirname, '..');
const { values } = parseArgs({ options: { from: { type: 'string' }, cycles: { type: 'string', default: '50' } } });

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): number =>
  spawnSync(command, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;

/** Puts the sources of that commit into a directory of their own, with the packages of this one. */
const checkOut = (ref: string, directory: string): string => {
  const archive = join(directory, 'kept.tar');
  if (run('git', ['archive', '--output', archive, ref, 'src', 'package.json', 'config']) !== 0)
    throw new Error(`there is no commit ${ref}`);
  const former = join(directory, 'kept');
  mkdirSync(former);
  if (run('tar', ['-xf', archive, '-C', former]) !== 0) throw new Error(`${archive} can't be unpacked`);
  symlinkSync(join(root, 'node_modules'), join(former, 'node_modules'));
  if (!existsSync(join(former, 'src/adapters/sql/migrations.ts')))
    throw new Error(`${ref} is from before the phases of migrations: it refuses what a newer version has written`);
  return join(former, 'src/main/kept.ts');
};

const directory = mkdtempSync(join(tmpdir(), 'kept-soak-upgrade-'));
try {
  const former = values.from === undefined ? {} : { KEPT_TEST_FORMER: checkOut(values.from, directory) };
  const mocha = ['--no-config', '--exit', '--require', 'reflect-metadata', '--require', './test/support/surroundings.ts'];
  const env = { ...process.env, KEPT_TEST_MAX_PAUSE_MS: '2000', ...former, KEPT_TEST_CYCLES: values.cycles };
  process.exitCode = run(join(root, 'node_modules/.bin/mocha'), [...mocha, 'test/e2e/upgrade.e2e.ts'], env);
} finally {
  rmSync(directory, { recursive: true, force: true });
}
