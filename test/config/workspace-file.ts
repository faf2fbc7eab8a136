import { expect } from 'chai';
import { type Config, type ConfigProblem, loadConfig, type PathKind } from '../../src/config/index.ts';
import type { Result } from '../../src/domain/shared/result.ts';

export const FILE = 'config/workspace_config.json';
export const loadFile = (
  file: unknown,
  env: Record<string, string> = {},
  kindOf: (path: string) => PathKind = () => 'directory',
): Result<Config, ConfigProblem[]> =>
  loadConfig({
    env,
    cwd: '/cwd',
    readFile: (path) => (/(\.mcp|prices|alerts)\.json$/.test(path) ? undefined : typeof file === 'string' ? file : JSON.stringify(file)),
    kindOf,
  });
export const workspace = (more: object = {}): object => ({
  description: 'd',
  workspace_type: 't',
  working_directory: '.',
  telegram_chat_ids: [],
  ...more,
});
export const problemsOf = (result: Result<Config, ConfigProblem[]>): readonly ConfigProblem[] =>
  result.ok ? result.value.warnings : result.error;
export const onlyProblem = (result: Result<Config, ConfigProblem[]>): ConfigProblem => {
  const problems = problemsOf(result);
  expect(problems, JSON.stringify(problems)).to.have.length(1);
  return problems[0] as ConfigProblem;
};
export const policyOf = (result: Result<Config, ConfigProblem[]>): Config['policy'] => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value.policy;
};
