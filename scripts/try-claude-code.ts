/**
 * Runs the tests of Claude Code on the real one, against a model server on this machine: `npm run try:claude-code`. The
 * SDK (some 450 MB) is installed into a temporary directory, unless KEPT_TEST_CLAUDE_SDK names it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const SDK = '@anthropic-ai/claude-agent-sdk';

const run = (command: string, args: readonly string[], env: NodeJS.ProcessEnv = process.env): void => {
  const { status } = spawnSync(command, args, { stdio: 'inherit', env });
  if (status !== 0) process.exit(status ?? 1);
};

const install = (): string => {
  const place = join(tmpdir(), 'kept-claude-sdk');
  mkdirSync(place, { recursive: true });
  run('npm', ['install', '--no-audit', '--no-fund', '--prefix', place, SDK]);
  return join(place, 'node_modules', SDK);
};

const place = process.env.KEPT_TEST_CLAUDE_SDK ?? install();
const required = ['--require', 'reflect-metadata', '--require', './test/support/surroundings.ts'];
run('npx', ['mocha', '--no-config', '--timeout', '60000', ...required, 'test/adapters/claude-code/*.try.ts'], {
  ...process.env,
  KEPT_TEST_CLAUDE_SDK: place,
});
