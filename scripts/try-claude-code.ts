/**
 * Runs the tests of Claude Code on the real one, through its SDK and through ACP, against a model server on this
 * machine: `npm run try:claude-code`. Both packages (some 900 MB) are installed into a temporary directory, unless
 * KEPT_TEST_CLAUDE_SDK and KEPT_TEST_CLAUDE_ACP name them.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SDK = '@anthropic-ai/claude-agent-sdk';
const ACP = '@agentclientprotocol/claude-agent-acp';

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void => {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
};

const install = (name: string): string => {
  const place = join(tmpdir(), 'kept-claude-code', name);
  mkdirSync(place, { recursive: true });
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', place, name]);
  return join(place, 'node_modules', name);
};

const env = {
  ...process.env,
  KEPT_TEST_CLAUDE_SDK: process.env.KEPT_TEST_CLAUDE_SDK ?? install(SDK),
  KEPT_TEST_CLAUDE_ACP: process.env.KEPT_TEST_CLAUDE_ACP ?? join(install(ACP), 'dist/index.js'),
};
const required = ['--require', 'reflect-metadata', '--require', './test/support/surroundings.ts'];
run('npx', ['mocha', '--no-config', '--timeout', '60000', ...required, 'test/{adapters/{claude-code,acp},e2e}/*.try.ts'], env);
