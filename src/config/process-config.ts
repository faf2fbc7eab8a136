import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { err, ok, type Result } from '../domain/shared/result.ts';
import type { Config, ConfigProblem } from './config.ts';
import { readEnvFile } from './env-file.ts';
import { loadConfig } from './load-config.ts';
import { error } from './problems.ts';
import type { PathKind } from './workspace-policy.ts';

/**
 * The configuration of this process: its environment first, then `.env` in `cwd`, then defaults. An empty variable of the process
 * hides the one in `.env`. Every problem of the three is told at once. Changes no global, prints nothing.
 */
export const loadProcessConfig = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
): Result<Config, ConfigProblem[]> => {
  const file = envFileIn(cwd);
  const loaded = loadConfig({ env: { ...file.variables, ...env }, cwd, readFile: (path) => readFile(path)?.toString('utf8'), kindOf });
  const problems = [...file.problems, ...(loaded.ok ? loaded.value.warnings : loaded.error)];
  return loaded.ok && !problems.some(({ severity }) => severity === 'error') ? ok({ ...loaded.value, warnings: problems }) : err(problems);
};

const envFileIn = (cwd: string): ReturnType<typeof readEnvFile> => {
  try {
    return readEnvFile(readFile(join(cwd, '.env')) ?? Buffer.of());
  } catch (thrown) {
    const problem = `can't be read (${codeOf(thrown) ?? 'unknown reason'})`;
    return { variables: {}, problems: [error('.env', problem, 'check what it is, and who may read it')] };
  }
};

const readFile = (path: string): Buffer | undefined => {
  try {
    return readFileSync(path);
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
};

const kindOf = (path: string): PathKind => {
  try {
    const found = statSync(path);
    return found.isDirectory() ? 'directory' : found.isFile() ? 'file' : 'other';
  } catch (thrown) {
    // A path that may not be looked at is as good as none: work there fails alike.
    if (codeOf(thrown) !== undefined) return 'missing';
    throw thrown;
  }
};

const codeOf = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
