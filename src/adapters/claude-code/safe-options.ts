import type { PermissionKind } from '../../domain/coding/permission.ts';
import { type CodingHooks, reasonOf } from '../../ports/index.ts';
import { type Fields, fieldsOf, textOf } from './sdk.ts';
import { titleOf } from './title.ts';
import type { Transcript } from './transcript.ts';

/** Tools that read and change files. No other is there: no commands, no network, no further agents. */
const TOOLS: Readonly<Record<string, PermissionKind>> = { Read: 'read', Write: 'edit', Edit: 'edit', Glob: 'search', Grep: 'search' };

/** Secrets that Grep and Glob pass over, too. */
const SECRETS = ['.env', '.env.*', '*.pem', '*.key', 'id_rsa', 'id_ed25519', '.npmrc', '.netrc', 'credentials*.json'];

/**
 * The measured safe set: everything that is not allowed is denied, `Edit(./**)` is the rule of every file write, and
 * nothing of the workspace configures the agent.
 */
export const SAFE_OPTIONS: Fields = {
  permissionMode: 'dontAsk',
  tools: Object.keys(TOOLS),
  allowedTools: ['Read(./**)', 'Edit(./**)'],
  disallowedTools: SECRETS.map((name) => `Read(**/${name})`),
  settingSources: [],
  strictMcpConfig: true,
  mcpServers: {},
  mcpServersDelivery: 'initialize',
  plugins: [],
};

/** Asks Kept's own rule before each call of a tool; the rules of Claude Code apply after that. */
export const guardHooks = (workspace: string, hooks: CodingHooks, transcript: Pick<Transcript, 'deny'>): Fields => ({
  PreToolUse: [
    {
      hooks: [
        async (input: unknown): Promise<Fields> => {
          const { tool_name, tool_input, tool_use_id } = fieldsOf(input);
          const name = textOf(tool_name);
          const paths = pathsOf(name, fieldsOf(tool_input), workspace);
          const title = titleOf(name, fieldsOf(tool_input), workspace);
          const decision = await hooks
            .onPermission(TOOLS[name] ?? 'other', title, paths)
            .catch((error: unknown) => ({ allowed: false as const, reason: `it could not be decided: ${reasonOf(error)}` }));
          if (decision.allowed) return {};
          transcript.deny(textOf(tool_use_id), { title, reason: decision.reason });
          return {
            hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision: 'deny', permissionDecisionReason: decision.reason },
          };
        },
      ],
    },
  ],
});

/** Places that a call concerns. A pattern that leads elsewhere is one, too. */
const pathsOf = (name: string, input: Fields, workspace: string): readonly string[] => {
  const named = [input.file_path, input.path, input.notebook_path].map(textOf).filter((path) => path !== '');
  const pattern = name === 'Glob' ? textOf(input.pattern) : '';
  const leading = pattern.startsWith('/') || pattern.includes('..') || pattern.startsWith('~') ? [pattern.replace(/[*?[{].*$/s, '')] : [];
  const places = [...named, ...leading.map((path) => (path.startsWith('~') ? '/' : path || '/'))];
  return places.length === 0 && TOOLS[name] === 'search' ? [workspace] : places;
};
