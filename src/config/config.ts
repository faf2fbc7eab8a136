import type { ReplyLimits } from '../domain/agent/agent.ts';
import type { ChatId } from '../domain/chat/ids.ts';
import type { RetryPolicy } from '../domain/promise/promise.ts';
import type { WorkerSettings } from '../domain/promise/worker-settings.ts';
import type { AccessPolicy } from '../domain/workspace/policy.ts';
import type { Database } from './postgres-parameters.ts';

/** Something wrong, or worth knowing, in the configuration. Never holds the value of a secret. */
export interface ConfigProblem {
  /** A variable's name, or `<file>: <key path>`. */
  readonly place: string;
  readonly problem: string;
  /** What to do about it. */
  readonly hint: string;
  /** With an error nothing starts; a warning is told and lived with. */
  readonly severity: 'error' | 'warning';
}

export const MODEL_PROVIDERS = ['anthropic', 'openai', 'rehearsal'] as const;
export type ModelProvider = (typeof MODEL_PROVIDERS)[number];

/** Everything that a process needs to know, checked, with its defaults filled in. */
export interface Config {
  readonly environment: 'development' | 'test' | 'staging' | 'production';
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error';
  /** A log file of `maxFileBytes` is put aside; there are `maxFiles` at the most, the current one among them. */
  readonly log: { readonly maxFileBytes: number; readonly maxFiles: number };
  /** Absolute. */
  readonly dataDir: string;
  /** PostgreSQL, which then keeps everything but logs and locks. Absent: SQLite, in `dataDir`. */
  readonly database?: Database;
  /** Absolute; the file may be absent when it is the default one. */
  readonly workspaceConfigPath: string;
  /** Whose clocks count where none is named: an IANA name. */
  readonly timeZone: string;
  readonly http: {
    readonly host: string;
    /** 0 lets the system choose. */
    readonly port: number;
    /** Always there when `host` is not a loopback address. */
    readonly apiToken?: string;
    /** Exact origins, or `*` alone. */
    readonly corsOrigins: readonly string[];
    /** Absent means unlimited. */
    readonly rateLimitPerMinute?: number;
    readonly maxRequestBytes: number;
    /** Absolute paths. */
    readonly tls?: { readonly keyFile: string; readonly certFile: string };
  };
  readonly agent: { readonly timeoutMs: number; readonly maxHistory: number; readonly maxHistoryTokens: number };
  /** What agents ask of a model, where that is set: the one that answers chats, and the one that keeps promises. */
  readonly agents: { readonly chat: ReplyLimits; readonly promise: ReplyLimits };
  readonly models: {
    /** The limits of a model go before those of agents: its effort in their place, its length where it is less. */
    readonly anthropic?: { readonly apiKey: string; readonly baseUrl?: string; readonly model: string } & ReplyLimits;
    readonly openai?: { readonly apiKey?: string; readonly baseUrl?: string; readonly model: string } & ReplyLimits;
    readonly rehearsal: { readonly paceMs: number };
    /** First to last to be tried; never empty, and each one is configured. */
    readonly order: readonly ModelProvider[];
  };
  readonly promises: {
    /** What every promise and schedule that is made holds. */
    readonly retry: RetryPolicy;
    /** How long one attempt may take is not configured. */
    readonly worker: Omit<Required<WorkerSettings>, 'attemptTimeoutMs'>;
    /** How long a settled promise is kept. */
    readonly retentionMs: number;
  };
  readonly policy: AccessPolicy;
  readonly telegram?: {
    readonly apiId: number;
    readonly apiHash: string;
    /** A bot's; without one it is a person's account, which `kept login` signs in. */
    readonly botToken?: string;
    /** Where a bot sends itself a message at the start, to see it delivered. */
    readonly operatorChat?: ChatId;
    /** Another server than Telegram's own: `host:port`, and its RSA key in PEM. */
    readonly dc?: { readonly address: string; readonly publicKeyPem?: string };
    /** Through which Telegram is reached. */
    readonly proxy?:
      | {
          readonly kind: 'socks4' | 'socks5';
          readonly host: string;
          readonly port: number;
          readonly username?: string;
          readonly password?: string;
        }
      | { readonly kind: 'mtproxy'; readonly host: string; readonly port: number; readonly secret: string };
    /** How packets look to whoever is on the way; `full` where nothing is said. */
    readonly transport?: 'full' | 'obfuscated';
    /** Whether servers are reached by their IPv6 addresses. */
    readonly ipv6?: boolean;
  };
  readonly perplexity?: { readonly apiKey: string };
  readonly notion?: { readonly apiKey: string };
  /** Every secret value above, and the passwords within them, for the redactor. */
  readonly secrets: readonly string[];
  readonly warnings: readonly ConfigProblem[];
}
