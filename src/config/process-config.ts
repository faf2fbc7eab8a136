import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'dotenv';
import { err, type Result } from '../domain/shared/result.ts';
import type { Config, ConfigProblem } from './config.ts';
import { loadConfig } from './load-config.ts';
import { error } from './problems.ts';
import type { PathKind } from './workspace-policy.ts';

/**
 * The configuration of this process: its environment first, then `.env` in `cwd`, then defaults. An empty variable of the process
 * hides the one in `.env`. Changes no global, prints nothing.
 */
export const loadProcessConfig = (
  env: Readonly<Record<string, string | undefined>> = process.env,
  cwd: string = process.cwd(),
): Result<Config, ConfigProblem[]> => {
  let file: Readonly<Record<string, string>>;
  try {
    file = parse(readFile(join(cwd, '.env')) ?? '');
  } catch (thrown) {
    return err([error('.env', `can't be read (${codeOf(thrown) ?? 'unknown reason'})`, 'check what it is, and who may read it')]);
  }
  return loadConfig({ env: { ...file, ...env }, cwd, readFile, kindOf });
};

const readFile = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
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
