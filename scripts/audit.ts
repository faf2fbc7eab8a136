/**
 * `npm run audit`: known weaknesses of the packages that Kept is installed with, high and critical ones as failures
 * (exit code 1). Where the registry can't be asked, it says so, and fails with `--strict` alone: nothing was looked at.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { auditOutcome } from './audit-outcome.ts';

const { stdout, stderr, error } = spawnSync('npm', ['audit', '--omit=dev', '--json', '--fetch-retries=0', '--fetch-timeout=8000'], {
  cwd: join(import.meta.dirname, '..'),
  encoding: 'utf8',
  timeout: 30_000,
  maxBuffer: 64 * 1024 ** 2,
});
const { isAsked, faults, words } = auditOutcome(error ? '' : stdout, error?.message ?? stderr);
for (const fault of faults) console.error(fault);
console.log(words);
if (faults.length > 0 || (!isAsked && process.argv.includes('--strict'))) process.exitCode = 1;
