import { statSync } from 'node:fs';
import { CLAUDE_ACP as found } from './claude-places.ts';
import { needs } from './needs.ts';

/** The program of `@agentclientprotocol/claude-agent-acp`. */
export const CLAUDE_ACP = found ?? '';

needs(async () => {
  if (!statSync(CLAUDE_ACP, { throwIfNoEntry: false }))
    throw new Error(
      'Set KEPT_TEST_CLAUDE_ACP to dist/index.js of @agentclientprotocol/claude-agent-acp, or run `npm run try:claude-code`.',
    );
});
