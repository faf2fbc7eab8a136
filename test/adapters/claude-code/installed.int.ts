/**
 * Where the packages of Claude Code are installed beside Kept, or named by KEPT_TEST_CLAUDE_SDK and
 * KEPT_TEST_CLAUDE_ACP, its tests run with all others. `npm run try:claude-code` installs them for that.
 */
import { CLAUDE_ACP, CLAUDE_SDK } from '../../support/claude-places.ts';

if (CLAUDE_SDK !== undefined) {
  await import('./contract.try.ts');
  await import('./safety.try.ts');
  await import('./faults.try.ts');
  await import('../../e2e/claude-code.try.ts');
}
if (CLAUDE_ACP !== undefined) await import('../acp/claude-agent-acp.try.ts');
