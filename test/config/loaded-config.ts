import { expect } from 'chai';
import { type Config, type ConfigProblem, type ConfigSources, loadConfig, type PathKind } from '../../src/config/index.ts';
import type { Result } from '../../src/domain/shared/result.ts';

export const CWD = '/home/ann/kept';
export const loadWith = (
  env: Record<string, string | undefined>,
  file?: unknown,
  more: Partial<ConfigSources> = {},
): Result<Config, ConfigProblem[]> =>
  loadConfig({
    env,
    cwd: CWD,
    readFile: (path) =>
      file === undefined || /(\.mcp|prices|alerts)\.json$/.test(path) ? undefined : typeof file === 'string' ? file : JSON.stringify(file),
    kindOf: () => 'directory',
    ...more,
  });
export const configOf = (result: Result<Config, ConfigProblem[]>): Config => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
export const problemsOf = (result: Result<Config, ConfigProblem[]>): readonly ConfigProblem[] =>
  result.ok ? result.value.warnings : result.error;
export const onlyProblem = (result: Result<Config, ConfigProblem[]>): ConfigProblem => {
  const problems = problemsOf(result);
  expect(problems, JSON.stringify(problems)).to.have.length(1);
  return problems[0] as ConfigProblem;
};

export const pemFiles = (path: string): PathKind => (path.endsWith('.pem') ? 'file' : 'directory');
