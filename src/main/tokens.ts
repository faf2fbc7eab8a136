import type { Container } from 'inversify';
import type { HttpServer } from '../adapters/http/index.ts';
import type { LocalChat } from '../adapters/local-chat/index.ts';
import type { McpServers } from '../adapters/mcp/index.ts';
import type { ReadDiskRoom } from '../adapters/probes/index.ts';
import type { OpenMetrics } from '../adapters/prometheus/index.ts';
import type { TelegramGateway } from '../adapters/telegram/index.ts';
import type {
  AgentCatalog,
  AlertWatch,
  AskAgent,
  BackupSchedule,
  Bot,
  CallGuard,
  CallParts,
  CodingParts,
  Commands,
  ContentHub,
  HealthBoard,
  JudgeCall,
  KnownBackup,
  LoggedEvents,
  ModelCatalog,
  MovedChats,
  PairedPeople,
  PromiseWorker,
  RunAgent,
  RunAlone,
  RunProbes,
  SelfPing,
  StoreFault,
  ToolCatalog,
  WebhookDeliverer,
} from '../application/index.ts';
import type { Config } from '../config/index.ts';
import type { AccessPolicy, AlertRules, Budget, IncomingMessage, Prices, RetryPolicy, TurnSettings } from '../domain/index.ts';
import type {
  AlertChannel,
  Alerts,
  Approvals,
  ChangeFeed,
  ChatGateway,
  Clock,
  Correlation,
  CronCalendar,
  DeadManSwitch,
  Engine,
  HealthProbe,
  HttpApi,
  LanguageModel,
  Logger,
  Queries,
  Randomness,
  Redact,
  SelfPingChannel,
  Storage,
  Tool,
  WebhookReceiver,
  Webhooks,
  WorkspaceDatabase,
  WorkspaceFiles,
} from '../ports/index.ts';
import { type Token, token } from './bind.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { LiveConfig } from './live-config.ts';
import type { NotionReach } from './notion-reach.ts';

/** The container with the parts of a role, and the lifecycle that stops them. */
export interface AppContext {
  readonly container: Container;
  readonly lifecycle: Lifecycle;
  get<T>(id: Token<T>): Promise<T>;
}

/** Whether this process's bot answers, or stands by. */
export interface LeaderStatus {
  /** The scope of the bot, while this process answers. */
  botScope?: AppContext;
  /** How many chats the bot of that scope answers, or that of the last one while it ends. */
  answering?: () => number;
  /** The process that answers, if known. Absent where no other bot can. */
  leader?: () => string | undefined;
}

/** The port for metrics of this process, and whether it has it. */
export interface MetricsListener {
  port: number;
  isServed: boolean;
}

export const TOKENS = {
  config: token<Config>('config'),
  /** The same, as it is replaced. Undefined in a command, which reads it once. */
  live: token<LiveConfig | undefined>('live'),
  lifecycle: token<Lifecycle>('lifecycle'),
  logger: token<Logger>('logger'),
  /** Why the log file can't be written at the moment. */
  logFault: token<() => string | undefined>('logFault'),
  /** The room on the disk of the data directory. */
  diskRoom: token<ReadDiskRoom>('diskRoom'),
  /** Bound in a process that is in the register. */
  writeFault: token<() => StoreFault | undefined>('writeFault'),
  /** Receives every event: for the log, and for all subscribers. */
  events: token<LoggedEvents>('events'),
  /** Hears what goes to models and tools, and what comes back. */
  content: token<ContentHub>('content'),
  /** Which message the running work came of. */
  correlation: token<Correlation>('correlation'),
  redact: token<Redact>('redact'),
  clock: token<Clock>('clock'),
  randomness: token<Randomness>('randomness'),
  /** Names this start of this process: in the register, and in the lease of the leader. */
  processId: token<string>('processId'),
  changes: token<ChangeFeed>('changes'),
  calendar: token<CronCalendar>('calendar'),
  engine: token<Engine>('engine'),
  storage: token<Storage>('storage'),
  moved: token<MovedChats>('moved'),
  paired: token<PairedPeople>('paired'),
  /** Access as configured. */
  configuredPolicy: token<AccessPolicy>('configuredPolicy'),
  /** The same; moved chats count under their new ids, and who was let in is let in. */
  policy: token<AccessPolicy>('policy'),
  /** The time zone, where none is named. */
  timeZone: token<string>('timeZone'),
  retry: token<RetryPolicy>('retry'),
  retentionMs: token<number>('retentionMs'),
  workerSettings: token<Config['promises']['worker']>('workerSettings'),
  prices: token<Prices>('prices'),
  /** What a promise may cost, where no budget says less. */
  perPromise: token<Budget | undefined>('perPromise'),
  personMessagesPerMinute: token<number>('personMessagesPerMinute'),
  turnSettings: token<TurnSettings>('turnSettings'),
  /** Models that are asked. Undefined if a command reads only where the data is. */
  modelNames: token<readonly string[] | undefined>('modelNames'),
  model: token<LanguageModel>('model'),
  models: token<ModelCatalog>('models'),
  tools: token<ToolCatalog>('tools'),
  /** What agents, and models, may see of workspaces. */
  files: token<WorkspaceFiles>('files'),
  /** Undefined where no MCP server is configured. */
  mcp: token<McpServers | undefined>('mcp'),
  /** Absent if Notion is not configured. */
  workspaceDatabase: token<WorkspaceDatabase | undefined>('workspaceDatabase'),
  notionReach: token<NotionReach>('notionReach'),
  notionTools: token<readonly Tool[]>('notionTools'),
  searchTools: token<readonly Tool[]>('searchTools'),
  agents: token<AgentCatalog>('agents'),
  approvals: token<Approvals>('approvals'),
  judgeCall: token<JudgeCall>('judgeCall'),
  callGuard: token<CallGuard>('callGuard'),
  callParts: token<CallParts>('callParts'),
  approvalMs: token<number>('approvalMs'),
  /** Absent where no coding agent is configured. */
  coding: token<CodingParts | undefined>('coding'),
  runAgent: token<RunAgent>('runAgent'),
  /** Runs an agent for the operator, beside the chats. */
  runAlone: token<RunAlone>('runAlone'),
  alertRules: token<AlertRules>('alertRules'),
  /** The channels by which alerts leave. */
  alertChannels: token<readonly AlertChannel[]>('alertChannels'),
  /** Absent where nobody outside watches. */
  deadMan: token<DeadManSwitch | undefined>('deadMan'),
  alerts: token<Alerts>('alerts'),
  /** Only in the bot that leads. */
  alertWatch: token<AlertWatch>('alertWatch'),
  /** The newest backup that is known of. */
  knownBackup: token<() => Promise<KnownBackup | undefined>>('knownBackup'),
  /** Only in the bot that leads; absent where no backups are to be made by themselves. */
  backupSchedule: token<BackupSchedule | undefined>('backupSchedule'),
  /** Where facts are posted to; absent where nobody is told. */
  webhookReceiver: token<WebhookReceiver | undefined>('webhookReceiver'),
  webhooks: token<Webhooks>('webhooks'),
  /** Only in the bot that leads. */
  webhookDeliverer: token<WebhookDeliverer>('webhookDeliverer'),
  commands: token<Commands>('commands'),
  queries: token<Queries>('queries'),
  bot: token<Bot>('bot'),
  /** Names this process's worker in leases; see `worker-identity.ts`. */
  workerId: token<string>('workerId'),
  worker: token<PromiseWorker>('worker'),
  leaderStatus: token<LeaderStatus>('leaderStatus'),
  localChat: token<LocalChat>('localChat'),
  telegram: token<TelegramGateway | undefined>('telegram'),
  gateways: token<readonly ChatGateway[]>('gateways'),
  selfPingChannel: token<SelfPingChannel>('selfPingChannel'),
  selfPing: token<SelfPing>('selfPing'),
  /** Absent if Telegram is not configured, or if the account has nobody to write to. */
  telegramPing: token<SelfPing | undefined>('telegramPing'),
  isOutstandingPing: token<(message: IncomingMessage) => boolean>('isOutstandingPing'),
  /** Asks an agent a question, as a test. */
  askAgent: token<AskAgent>('askAgent'),
  /** Those of the gateways; empty in a process that answers nobody. */
  gatewayProbes: token<readonly HealthProbe[]>('gatewayProbes'),
  /** Everything that this process can look at, at the moment. */
  probes: token<() => readonly HealthProbe[]>('probes'),
  runProbes: token<RunProbes>('runProbes'),
  healthBoard: token<HealthBoard>('healthBoard'),
  httpApi: token<HttpApi>('httpApi'),
  httpServer: token<HttpServer>('httpServer'),
  metrics: token<OpenMetrics>('metrics'),
  /** Bound where metrics have a port of their own. */
  metricsListener: token<MetricsListener>('metricsListener'),
} as const;
