import type { AlertRules } from '../domain/alert/rules.ts';
import type { Prices } from '../domain/budget/prices.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { ConfigProblem } from './problems.ts';
import type { SecretFile } from './secret-files.ts';
import type { AgentSettings } from './sections/agents.ts';
import type { AlertChannelSettings } from './sections/alerts.ts';
import type { BackupSettings } from './sections/backups.ts';
import type { CodingSettings } from './sections/coding.ts';
import type { HttpSettings } from './sections/http.ts';
import type { McpSettings } from './sections/mcp.ts';
import type { ModelSettings } from './sections/models.ts';
import type { NotionSettings } from './sections/notion.ts';
import type { ProcessSettings } from './sections/process.ts';
import type { PromiseSettings } from './sections/promises.ts';
import type { SearchSettings } from './sections/search.ts';
import type { TelegramConfig } from './sections/telegram.ts';
import type { TracesSettings } from './sections/traces.ts';
import type { WebhookSettings } from './sections/webhooks.ts';

/** Everything that a process needs to know, checked, with its defaults filled in. */
export interface Config extends ProcessSettings {
  readonly models: ModelSettings;
  readonly agents: AgentSettings;
  readonly promises: PromiseSettings;
  readonly coding: CodingSettings;
  readonly search: SearchSettings;
  /** Absent: no workspace's database can be read. */
  readonly notion?: NotionSettings;
  readonly http: HttpSettings;
  /** The MCP servers whose tools agents may call. */
  readonly mcp: McpSettings;
  /** Absent where Telegram is not configured. */
  readonly telegram?: TelegramConfig;
  /** Absent: no traces are sent. */
  readonly traces?: TracesSettings;
  /** Who may talk to the agent, and where. */
  readonly policy: AccessPolicy;
  /** What models and tools cost. */
  readonly prices: Prices;
  /** When alerts fire. */
  readonly alertRules: AlertRules;
  /** By which channels they leave. */
  readonly alertChannels: AlertChannelSettings;
  /** Absent: nobody is told of what happens by HTTP. */
  readonly webhook?: WebhookSettings;
  readonly backups: BackupSettings;
  /** Every secret value above, and the passwords within them, for the redactor. */
  readonly secrets: readonly string[];
  /** The files that some of them stand in. */
  readonly secretFiles: readonly SecretFile[];
  readonly warnings: readonly ConfigProblem[];
}
