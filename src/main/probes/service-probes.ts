import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { type DiskCalls, probePerplexity } from '../../adapters/probes/index.ts';
import type { Config } from '../../config/index.ts';
import { placesOfCommand } from '../../config/process-config.ts';
import { errorCode } from '../../domain/shared/error-code.ts';
import type { HealthProbe, PortErrorCode, WorkspaceDatabase } from '../../ports/index.ts';
import { whyClaudeIsMissing } from '../coding-help.ts';
import { serviceHelp } from '../service-help.ts';
import { ASKED_MS, asking, notConfigured } from './asking.ts';

/** How files are looked at, without a wait for a drive that does not answer. */
export type FileCalls = Pick<DiskCalls, 'access' | 'stat'>;

/** Probes of the services that agents use, beside their models. */
export const serviceProbes = (
  config: Config,
  notion: () => Promise<WorkspaceDatabase | undefined>,
  calls: FileCalls = { access, stat },
): readonly HealthProbe[] => [perplexityProbe(config), ...notionProbes(config, notion), codingProbe(config, calls)];

const perplexityProbe = ({ search: { perplexity } }: Config): HealthProbe => {
  const id = 'service.perplexity';
  if (!perplexity) return notConfigured(id, 'PERPLEXITY_API_KEY is not set', 'set it to let agents search the web');
  const help = serviceHelp('PERPLEXITY_API_KEY', 'PERPLEXITY_BASE_URL', perplexity.baseUrl);
  return asking({
    id,
    depth: 'cheap',
    broken: 'warn',
    where: perplexity.baseUrl,
    help: (code) => help[code] ?? SERVICE_HINT,
    ask: (signal) => probePerplexity(perplexity, signal),
  });
};

const SERVICE_HINT = 'see the network and the status page of the service; it is asked again by itself';

/** A probe of the database of each workspace. */
const notionProbes = ({ notion, policy }: Config, database: () => Promise<WorkspaceDatabase | undefined>): readonly HealthProbe[] => {
  const id = 'service.notion';
  if (!notion) return [notConfigured(id, 'NOTION_API_KEY is not set', 'set it to let agents read the Notion databases of workspaces')];
  const own = policy.workspaces.flatMap(({ name, notionDatabaseId }) => (notionDatabaseId ? [{ name, databaseId: notionDatabaseId }] : []));
  if (own.length === 0)
    return [notConfigured(id, 'no workspace has a Notion database', 'give a workspace its database_id in workspace_config.json')];
  const help: Partial<Record<PortErrorCode, string>> = {
    ...serviceHelp('NOTION_API_KEY', 'NOTION_BASE_URL', notion.baseUrl),
    'not-found': 'share the database with the integration of NOTION_API_KEY in Notion, or correct its database_id',
  };
  return own.map(({ name, databaseId }) =>
    asking({
      id: `${id}.${name}`,
      depth: 'cheap',
      limitMs: 2 * ASKED_MS,
      broken: 'warn',
      where: `workspaces.${name}.database_id`,
      help: (code) => help[code] ?? SERVICE_HINT,
      ask: async (signal) => {
        const opened = await database();
        if (!opened) return { status: 'skipped', message: 'Notion is not used here' };
        const { title, sources } = await opened.describe(databaseId, { signal });
        return sources.length === 0
          ? {
              status: 'warn',
              message: `the database ${JSON.stringify(title)} has no data source`,
              fixHint: 'open it in Notion, and give it a table',
            }
          : `reads ${JSON.stringify(title)}: ${sources.map((source) => source.name).join(', ')}`;
      },
    }),
  );
};

/** Whether the coding agent is installed. It is not started: a run costs money, and changes files. */
const codingProbe = (config: Config, calls: FileCalls): HealthProbe => {
  const id = 'coding.agent';
  const { agent } = config.coding;
  if (!agent) return notConfigured(id, 'KEPT_CODING_AGENT is not set', 'set it to let agents change code');
  return asking({
    id,
    depth: 'local',
    broken: 'warn',
    where: 'KEPT_CODING_AGENT',
    help: () => 'see KEPT_CODING_AGENT',
    ask: async () => {
      const lack = agent.kind === 'claude-code' ? whyClaudeIsMissing() : await commandLack(agent.command[0], calls);
      return lack
        ? { status: 'warn', message: lack.problem, where: 'KEPT_CODING_AGENT', fixHint: lack.hint }
        : `${agent.kind} is installed`;
    },
  });
};

const commandLack = async (program: string, calls: FileCalls): Promise<{ readonly problem: string; readonly hint: string } | undefined> => {
  for (const place of placesOfCommand(program, process.env.PATH)) if (await isProgram(place, calls)) return undefined;
  return { problem: `the program ${program} is not found`, hint: 'install it, or give its whole path in KEPT_CODING_AGENT' };
};

const isProgram = async (place: string, calls: FileCalls): Promise<boolean> => {
  try {
    await calls.access(place, constants.X_OK);
    return (await calls.stat(place)).isFile();
  } catch (error) {
    if (errorCode(error) !== undefined) return false;
    throw error;
  }
};
