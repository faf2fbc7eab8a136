import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

/** The directory of a package that may be installed beside Kept; undefined if it is not. */
const installed = (name: string): string | undefined =>
  (createRequire(import.meta.url).resolve.paths(name) ?? []).map((place) => join(place, name)).find((place) => existsSync(place));

/** The directory of the SDK of Claude Code. */
export const CLAUDE_SDK = process.env.KEPT_TEST_CLAUDE_SDK ?? installed('@anthropic-ai/claude-agent-sdk');

const acp = installed('@agentclientprotocol/claude-agent-acp');
/** The program of `@agentclientprotocol/claude-agent-acp`. */
export const CLAUDE_ACP = process.env.KEPT_TEST_CLAUDE_ACP ?? (acp === undefined ? undefined : join(acp, 'dist/index.js'));
