export { type ClaudeCodeOptions, INSTALL_CLAUDE_CODE, makeClaudeCodeAgent } from './claude-code-agent.ts';
export type { ClaudeSdk } from './sdk.ts';
