import { z } from 'zod';
import { EFFORTS, type Effort } from '../domain/agent/agent.ts';
import { proxy } from './proxy.ts';
import {
  address,
  byteSize,
  httpUrl,
  list,
  oneOf,
  onOff,
  origins,
  postgresUrl,
  seconds,
  secret,
  telegramChat,
  text,
  timeZone,
  wholeNumber,
} from './variable-kinds.ts';

const GIGABYTE = 1024 ** 3;
/** Less is no answer; no model gives more. */
const outputTokens = () => wholeNumber(256, 1_000_000);
const effort = () => oneOf<Effort>(Object.fromEntries(EFFORTS.map((word) => [word, word])));
const API_TOKEN_HINT = 'give at least 16 characters; `openssl rand -hex 32` makes a good one';

/** Every variable that is read, each absent when it is unset or empty. */
export const environmentSchema = z.object({
  ANTHROPIC_API_KEY: secret(),
  ANTHROPIC_BASE_URL: httpUrl('ANTHROPIC_API_KEY'),
  ANTHROPIC_MODEL: text(),
  ANTHROPIC_EFFORT: effort(),
  ANTHROPIC_MAX_OUTPUT_TOKENS: outputTokens(),
  OPENAI_API_KEY: secret(),
  OPENAI_BASE_URL: httpUrl('OPENAI_API_KEY'),
  OPENAI_MODEL: text(),
  OPENAI_EFFORT: effort(),
  OPENAI_MAX_OUTPUT_TOKENS: outputTokens(),
  KEPT_MODELS: list(),
  KEPT_REHEARSAL_PACE_MS: wholeNumber(0, 60_000),
  PERPLEXITY_API_KEY: secret(),
  NOTION_API_KEY: secret(),

  TELEGRAM_BOT_TOKEN: secret({
    pattern: /^\d{5,16}:[\w-]{30,}$/,
    hint: 'a bot token is a number, a colon and 35 letters: BotFather shows it',
  }),
  TELEGRAM_API_ID: secret({ pattern: /^[1-9]\d{0,9}$/, hint: 'give the number that my.telegram.org shows as "api_id"' }),
  TELEGRAM_API_HASH: secret({ pattern: /^[\da-f]{32}$/i, hint: 'give the 32 hexadecimal digits that my.telegram.org shows as "api_hash"' }),
  TELEGRAM_OPERATOR_CHAT: telegramChat(),
  TELEGRAM_DC_ADDRESS: address(),
  TELEGRAM_DC_PUBLIC_KEY: text(),
  TELEGRAM_PROXY: proxy(),
  TELEGRAM_TRANSPORT: oneOf({ full: 'full', obfuscated: 'obfuscated' } as const),
  TELEGRAM_IPV6: onOff(),
  TELEGRAM_ALLOWED_GROUPS: list(),
  TELEGRAM_ALLOW_DMS: text(),

  HOST: text(),
  PORT: wholeNumber(0, 65_535),
  KEPT_API_TOKEN: secret({ pattern: /^.{16,}$/, hint: API_TOKEN_HINT }),
  API_RATE_LIMIT: wholeNumber(1, 1_000_000),
  MAX_REQUEST_SIZE: byteSize(GIGABYTE),
  CORS_ORIGINS: origins(),
  SSL_KEYFILE: text(),
  SSL_CERTFILE: text(),

  ENVIRONMENT: oneOf({ development: 'development', test: 'test', staging: 'staging', production: 'production' } as const),
  LOG_LEVEL: oneOf({ debug: 'debug', info: 'info', warning: 'warn', warn: 'warn', error: 'error', critical: 'error' } as const, [
    ...['DEBUG', 'INFO', 'WARNING', 'ERROR', 'CRITICAL'],
  ]),
  LOG_MAX_SIZE: byteSize(GIGABYTE),
  LOG_MAX_FILES: wholeNumber(1, 1_000),
  KEPT_DATA_DIR: text(),
  KEPT_CONFIG: text(),
  KEPT_TIME_ZONE: timeZone(),

  AGENT_TIMEOUT_SECONDS: seconds(1, 86_400),
  MAX_CONVERSATION_HISTORY: wholeNumber(1, 10_000),
  KEPT_HISTORY_TOKENS: wholeNumber(500, 2_000_000),
  KEPT_CHAT_EFFORT: effort(),
  KEPT_CHAT_MAX_OUTPUT_TOKENS: outputTokens(),
  KEPT_PROMISE_EFFORT: effort(),
  KEPT_PROMISE_MAX_OUTPUT_TOKENS: outputTokens(),
  PROMISE_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_WORKSPACE_CONCURRENCY: wholeNumber(1, 100_000),
  PROMISE_CODE_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_SEARCH_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_ANALYSIS_CONCURRENCY: wholeNumber(1, 1_000),
  PROMISE_MAX_ATTEMPTS: wholeNumber(1, 100),
  PROMISE_BACKOFF_SECONDS: seconds(0, 86_400),
  PROMISE_LEASE_SECONDS: seconds(0.5, 86_400),
  PROMISE_RETENTION_DAYS: wholeNumber(1, 3_650),

  DATABASE_URL: postgresUrl(),
  REDIS_URL: text(),
});

export type Environment = z.output<typeof environmentSchema>;
export type VariableName = keyof Environment;

export const VARIABLE_NAMES = Object.keys(environmentSchema.shape) as readonly VariableName[];

/** Variables whose values are never shown: no problem and no log line holds them. */
export const SECRET_VARIABLES = [
  'ANTHROPIC_API_KEY',
  'OPENAI_API_KEY',
  'PERPLEXITY_API_KEY',
  'NOTION_API_KEY',
  'TELEGRAM_BOT_TOKEN',
  'TELEGRAM_API_HASH',
  'TELEGRAM_PROXY',
  'KEPT_API_TOKEN',
  'DATABASE_URL',
  'REDIS_URL',
] as const satisfies readonly VariableName[];
