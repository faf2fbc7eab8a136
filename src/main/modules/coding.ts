import { homedir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Container } from 'inversify';
import { processGroups } from '../../adapters/child-process/index.ts';
import type { ClaudeSdk } from '../../adapters/claude-code/index.ts';
import { workspacePlaces } from '../../adapters/files/index.ts';
import { makeDirectoryLocks, takeUserDirectory } from '../../adapters/system/index.ts';
import type { CodingParts } from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import { USUAL_PATH } from '../../config/process-config.ts';
import { present } from '../../domain/shared/present.ts';
import type { CodingAgent, Events } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import { findClaudeSdk, whyClaudeIsMissing } from '../coding-help.ts';
import { makeCodingHomes } from '../coding-homes.ts';
import { TOKENS } from '../tokens.ts';
import { ownFiles } from './tools.ts';

const T = TOKENS;

/** The coding agent, if one is configured. What it needs is loaded then only. */
export const bindCoding = (container: Container): void =>
  bind(container, T.coding, { config: T.config, events: T.events }, async ({ config, events }): Promise<CodingParts | undefined> => {
    if (!config.coding.agent) return undefined;
    const place = join(config.dataDir, 'coding');
    const [agent, { makeGitChanges }] = await Promise.all([makeAgent(config, events, place), import('../../adapters/git/index.ts')]);
    return {
      agent,
      changes: makeGitChanges({ scratch: join(place, 'states'), groups: processGroups }),
      places: workspacePlaces,
      // Other installations of this user may work in the same directories. Without a common place, it locks out only
      // its own processes.
      locks: makeDirectoryLocks(await takeUserDirectory('coding-locks').catch(() => join(place, 'locks'))),
      limits: config.coding.limits,
    };
  });

const makeAgent = async (config: Config, events: Events, place: string): Promise<CodingAgent> => {
  const { agent: choice, model, env } = config.coding;
  const { findBubblewrap, makeStartChild } = await import('../../adapters/child-process/index.ts');
  const path = process.env.PATH ?? USUAL_PATH;
  const bubblewrap = await findBubblewrap(path);
  const homeFor = makeCodingHomes({
    place: join(place, 'homes'),
    retentionMs: config.preservesTempFiles ? Number.POSITIVE_INFINITY : config.promises.retentionMs,
  });
  const parts = { start: makeStartChild(bubblewrap), hidden: hiddenFrom(config), homeFor };
  const agent =
    choice?.kind === 'acp'
      ? (await import('../../adapters/acp/index.ts')).makeAcpAgent({
          ...parts,
          command: choice.command,
          env: { ...env, PATH: path, LANG: 'C.UTF-8' },
        })
      : await makeClaudeCode(config, { ...parts, path, ...present({ model }) });
  const missing = choice?.kind === 'claude-code' ? whyClaudeIsMissing() : undefined;
  if (missing === undefined) events.emit({ type: 'coding-agent-chosen', agent: agent.name, contained: bubblewrap !== undefined });
  else events.emit({ type: 'coding-agent-missing', agent: agent.name, reason: `${missing.problem}: ${missing.hint}` });
  return agent;
};

const makeClaudeCode = async (
  { models: { anthropic } }: Config,
  parts: Omit<Parameters<typeof import('../../adapters/claude-code/index.ts')['makeClaudeCodeAgent']>[0], 'load' | 'anthropic'>,
): Promise<CodingAgent> => {
  const { makeClaudeCodeAgent } = await import('../../adapters/claude-code/index.ts');
  if (!anthropic) throw new Error('claude-code needs ANTHROPIC_API_KEY');
  return makeClaudeCodeAgent({ ...parts, anthropic, load: loadClaudeSdk });
};

const loadClaudeSdk = async (): Promise<ClaudeSdk> => import(pathToFileURL(findClaudeSdk()).href);

/** Kept's own files, and where people keep their keys. */
const hiddenFrom = (config: Config): readonly string[] => [
  ...ownFiles(config),
  ...['.ssh', '.aws', '.gnupg', '.kube', '.docker', '.config/gcloud', '.config/gh', '.netrc', '.npmrc', '.git-credentials', '.pgpass'].map(
    (name) => join(homedir(), name),
  ),
];
