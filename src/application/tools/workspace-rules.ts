import { fitsName } from '../../domain/agent/tool-name.ts';
import { decideRight } from '../../domain/rights/decide-right.ts';
import type { AccessPolicy, Scope, Workspace } from '../../domain/workspace/policy.ts';
import type { MayAct } from './call-verdict.ts';
import type { MayCall } from './tool-catalog.ts';

type Workspaces = Pick<AccessPolicy, 'workspaces'>;

/**
 * A workspace may name the tools that agents are offered there, and the MCP servers whose tools they are offered. A
 * tool is offered only where everybody may use it by whose words the run goes.
 */
export const makeMayCall =
  (policy: AccessPolicy): MayCall =>
  (tool, { scope, speakers = [] }) => {
    if (!speakers.every((speaker) => decideRight(policy, speaker, 'use-tool', { tool }).allowed)) return false;
    const workspace = workspaceIn(policy, scope);
    if (!workspace) return true;
    const { tools, mcpServers } = workspace;
    if (tools && !fitsName(tool.name, tools)) return false;
    const isMcp = tool.name.startsWith('mcp__');
    return (
      !mcpServers ||
      !isMcp ||
      fitsName(
        tool.name,
        mcpServers.map((server) => `mcp__${server}__*`),
      )
    );
  };

/**
 * A workspace, or the whitelist for direct conversations, may mark tools of MCP servers as safe: they act there without
 * an approval.
 */
export const makeMayAct =
  (policy: Pick<AccessPolicy, 'workspaces' | 'whitelist'>): MayAct =>
  (tool, { scope }) => {
    const { mcpSafeTools = [] } = (scope.workspace === undefined ? policy.whitelist : workspaceIn(policy, scope)) ?? {};
    return fitsName(tool.name, mcpSafeTools);
  };

export const workspaceIn = ({ workspaces }: Workspaces, { workspace }: Pick<Scope, 'workspace'>): Workspace | undefined =>
  workspaces.find(({ name }) => name === workspace);
