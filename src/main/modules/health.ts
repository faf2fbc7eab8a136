import type { Container } from 'inversify';
import type { McpServers } from '../../adapters/mcp/index.ts';
import { type DiskProbeOptions, makeDiskProbe, makeLogProbe } from '../../adapters/probes/index.ts';
import {
  type AskAgent,
  makeAgentProbes,
  makeBudgetProbes,
  makeHealthBoard,
  makeRunProbes,
  makeStoredProbes,
  type StoreFault,
} from '../../application/index.ts';
import type { Config } from '../../config/index.ts';
import type { Agent } from '../../domain/index.ts';
import { type Clock, type HealthProbe, PortError, type Storage, type WorkspaceDatabase } from '../../ports/index.ts';
import { bind } from '../bind.ts';
import type { readTlsFiles } from '../certificate.ts';
import { logPath } from '../data-dir.ts';
import { madeFrom } from '../live-config.ts';
import { makeAskAgent } from '../probes/ask-agent.ts';
import { certificateProbe } from '../probes/certificate-probe.ts';
import { type ClockProbeParts, clockProbe } from '../probes/clock-probe.ts';
import { gatewayProbes } from '../probes/gateway-probes.ts';
import { makeLastHeard } from '../probes/last-heard.ts';
import { mcpProbes } from '../probes/mcp-probes.ts';
import { type ModelProbesOptions, modelProbes } from '../probes/model-probes.ts';
import { type ProcessProbesParts, processProbes } from '../probes/process-probes.ts';
import { serviceProbes } from '../probes/service-probes.ts';
import { webhookProbe } from '../probes/webhook-probe.ts';
import { TOKENS } from '../tokens.ts';

const T = TOKENS;

/** What probes look at. */
export interface ProbeParts {
  readonly config: Config;
  readonly clock: Clock;
  /** Opens the storage, or gives the open one. */
  readonly storage: () => Promise<Storage>;
  /** Names of the models that are asked. */
  readonly models: readonly string[] | undefined;
  readonly notion: () => Promise<WorkspaceDatabase | undefined>;
  readonly agents: readonly Agent[];
  readonly askAgent: AskAgent;
  /** How a package of the AI SDK is found. Default: as Node does. */
  readonly importPackage?: ModelProbesOptions['importPackage'];
  /** Who else tells the time, and who shares the clock of this machine. */
  readonly time?: Pick<ClockProbeParts, 'telegramTime' | 'isHere'>;
  /** How the disk of the data directory is asked. Default: by itself. */
  readonly disk?: Pick<DiskProbeOptions, 'readRoom' | 'calls' | 'isHung'>;
  /** How key and certificate are read. Default: from their files. */
  readonly readTls?: typeof readTlsFiles | undefined;
  /** Why this process can't write to the store; absent where a look has to try. */
  readonly writeFault?: (() => StoreFault | undefined) | undefined;
  /** The processes that hold a lock on this data. Default: as they are. */
  readonly locks?: ProcessProbesParts['locks'];
  /** Of what only one process can look at: that process itself, or whoever asks it. */
  readonly ofProcess: readonly HealthProbe[];
}

/**
 * Every probe, the nearest first: the store, the queue, the processes, the disk, what a process knows of itself, and
 * those who are asked. The one list, for the running processes, `kept health`, and whoever else wants to know.
 */
export const makeProbes = (parts: ProbeParts): readonly HealthProbe[] => {
  const { config, clock, storage, models, notion, agents, askAgent, ofProcess, locks, writeFault, disk, importPackage, time, readTls } =
    parts;
  const { policy, alertRules } = config;
  const ledger = async () => (await storage()).stores.ledger;
  return [
    ...makeStoredProbes({ storage, clock, policy, models, alertRules, writeFault }),
    ...processProbes({ config, storage, clock, locks }),
    ...(config.http.tls ? [certificateProbe(config.http.tls, clock, readTls)] : []),
    makeDiskProbe({ dataDir: config.dataDir, rule: alertRules['storage.disk'], ...disk }),
    ...ofProcess,
    ...makeBudgetProbes({ policy, ledger, clock, alertRules }),
    ...modelProbes(config, { importPackage }).map(({ probe }) => probe),
    ...serviceProbes(config, notion, disk?.calls),
    webhookProbe(config, storage, clock),
    clockProbe({ config, clock, ...time }),
    ...makeAgentProbes({ agents, ask: askAgent, opened: storage, clock }),
  ];
};

/** The probes of a process, and what they find. `answers`: whether it may be the one that answers people. */
export const bindHealth = (container: Container, { answers }: { readonly answers: boolean }): void => {
  if (container.isBound(T.probes)) return;
  if (answers) bindGatewayProbes(container);
  else bind(container, T.gatewayProbes, {}, () => []);
  bindAskAgent(container);
  /** The servers that this process keeps alive. A bot that stands by has none, and a look must not start them. */
  const runningServers = async (): Promise<McpServers | undefined> => {
    const isAtWork = !answers || container.isBound(T.worker) || (await container.getAsync(T.leaderStatus)).botScope !== undefined;
    return isAtWork ? container.getAsync(T.mcp) : undefined;
  };
  const telegramTime = async (): Promise<number> => {
    const telegram = await (await container.getAsync(T.leaderStatus)).botScope?.get(T.telegram);
    if (telegram?.health().status !== 'ok') throw new PortError('unavailable', 'Telegram is not connected', { retryable: true });
    return telegram.serverTime();
  };
  bind(
    container,
    T.probes,
    {
      config: T.config,
      clock: T.clock,
      storage: T.storage,
      models: T.modelNames,
      agents: T.agents,
      askAgent: T.askAgent,
      gateways: T.gatewayProbes,
      logFault: T.logFault,
      readRoom: T.diskRoom,
    },
    ({ config, clock, storage, models, agents, askAgent, gateways, logFault, readRoom }) =>
      // There are others where there are other agents, budgets, or servers.
      madeFrom(
        () => [config.policy.workspaces, config.mcp.servers, config.agents.all] as const,
        () =>
          makeProbes({
            config,
            clock,
            models,
            askAgent,
            agents: agents.list(),
            disk: { readRoom },
            ...(answers && config.telegram ? { time: { telegramTime } } : {}),
            writeFault: container.isBound(T.writeFault) ? container.get(T.writeFault) : undefined,
            storage: async () => storage,
            // Made where somebody looks: the SDK is not always used.
            notion: () => container.getAsync(T.workspaceDatabase),
            ofProcess: [makeLogProbe(logPath(config.dataDir), logFault), ...gateways, ...mcpProbes(config, runningServers)],
          }),
      ),
  );
  bind(container, T.runProbes, { clock: T.clock, redact: T.redact }, makeRunProbes);
  bind(container, T.healthBoard, { probes: T.probes, run: T.runProbes, clock: T.clock }, makeHealthBoard);
};

/** What asks agents a question, as a test. It needs no agents to be bound, and no tools. */
export const bindAskAgent = (container: Container): void =>
  bind(
    container,
    T.askAgent,
    {
      config: T.config,
      storage: T.storage,
      clock: T.clock,
      randomness: T.randomness,
      redact: T.redact,
      timeZone: T.timeZone,
      policy: T.policy,
      prices: T.prices,
      perPromise: T.perPromise,
    },
    makeAskAgent,
  );

/** Probes of the gateways, by the bot that answers in this process. */
const bindGatewayProbes = (container: Container): void =>
  bind(
    container,
    T.gatewayProbes,
    {
      config: T.config,
      policy: T.policy,
      leaderStatus: T.leaderStatus,
      localChat: T.localChat,
      clock: T.clock,
      events: T.events,
    },
    ({ config, policy, leaderStatus, localChat, clock, events }) =>
      gatewayProbes({
        bot: async () => {
          const { botScope } = leaderStatus;
          if (!botScope) return undefined;
          const [telegram, selfPing] = await Promise.all([botScope.get(T.telegram), botScope.get(T.selfPing)]);
          return { telegram, selfPing, localChat };
        },
        leader: () => leaderStatus.leader,
        policy,
        hasTelegram: config.telegram !== undefined,
        heard: makeLastHeard(clock, events),
        clock,
      }),
  );
