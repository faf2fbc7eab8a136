import { probeAiSdkModel } from '../adapters/ai-sdk/index.ts';
import { requireFreePort } from '../adapters/http/index.ts';
import { probeDirectory, probeModels, probePostgres, probeSqlite } from '../adapters/probes/index.ts';
import { listProcessLocks, systemClock } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { modelNameOf, readModelReference } from '../domain/index.ts';
import { isPortError, PortError, type PortErrorCode, reasonOf } from '../ports/index.ts';
import { BOT_LOCK, databasePath } from './data-dir.ts';
import { allModels, helpWith, modelPlaces } from './model-help.ts';
import { telegramSettings } from './modules/telegram.ts';

/** The result of one live check. */
export interface LiveResult {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
  /** What to check if it failed, or may fail soon. */
  readonly hint?: string;
}

interface Probe {
  readonly name: string;
  /** Resolves to what was found, with a hint if something may be wrong. */
  readonly ask: (signal: AbortSignal) => Promise<string | { readonly detail: string; readonly hint: string }>;
  readonly help: (code: PortErrorCode) => string;
}

const TIMEOUT_MS = 10_000;

/** Runs all checks in parallel, each for at most ten seconds. Never rejects, signs nobody in, stores nothing. */
export const checkLive = async (config: Config, timeoutMs = TIMEOUT_MS): Promise<readonly LiveResult[]> =>
  Promise.all((await probesOf(config, timeoutMs)).map((probe) => run(probe, timeoutMs)));

const run = async ({ name, ask, help }: Probe, timeoutMs: number): Promise<LiveResult> => {
  const timeout = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    timeout.abort();
    late.reject(new PortError('timeout', `no answer within ${timeoutMs / 1_000} s`, { retryable: true }));
  }, timeoutMs);
  try {
    const found = await Promise.race([ask(timeout.signal), late.promise]);
    return { name, ok: true, ...(typeof found === 'string' ? { detail: found } : found) };
  } catch (error) {
    return { name, ok: false, detail: reasonOf(error), hint: help(isPortError(error) ? error.code : 'unknown') };
  } finally {
    clearTimeout(timer);
  }
};

const probesOf = async (config: Config, timeoutMs: number): Promise<readonly Probe[]> => {
  const { models, database, telegram, http, dataDir } = config;
  const bot = (await listProcessLocks(dataDir)).find(({ role }) => role === BOT_LOCK);
  return [
    ...modelPlaces(config).map((place): Probe => {
      const help: Partial<Record<PortErrorCode, string>> = helpWith(place);
      return {
        name: place.name,
        ask: async (signal) => {
          const request = { url: `${place.address}/models`, headers: place.headers, model: place.model };
          const { words, isMissing } = await probeModels(place.address, request, signal);
          const detail = `${place.address} ${words}`;
          return isMissing ? { detail, hint: `check ${place.modelVariable}, unless the server knows the model all the same` } : detail;
        },
        help: (code) => help[code] ?? `${place.name} is asked at ${place.address}: see ${place.addressVariable}`,
      };
    }),
    ...allModels(config).flatMap((text): readonly Probe[] => {
      const reference = readModelReference(text);
      if (reference?.provider !== 'ai-sdk') return [];
      const name = modelNameOf(reference, models);
      return [
        {
          name,
          ask: () => probeAiSdkModel({ ...reference, name, importPackage: (wanted) => import(wanted) }),
          help: () => 'see KEPT_MODELS',
        },
      ];
    }),
    {
      name: 'database',
      ask: async () => (database ? probePostgres(database, timeoutMs) : `${databasePath(dataDir)} ${probeSqlite(databasePath(dataDir))}`),
      help: () => `see ${database ? 'DATABASE_URL' : 'KEPT_DATA_DIR'}`,
    },
    ...(telegram
      ? [
          {
            name: 'telegram',
            ask: async (signal: AbortSignal) => {
              const { reachTelegram } = await import('../adapters/telegram/index.ts');
              return reachTelegram(telegramSettings(telegram), { clock: systemClock, timeoutMs, signal });
            },
            help: () => (telegram.dc ? 'see TELEGRAM_DC_ADDRESS' : 'is this machine on the network?'),
          },
        ]
      : []),
    {
      name: 'port',
      ask: async () => {
        if (bot) return `${http.host}:${http.port} is used by Kept itself (PID ${bot.pid})`;
        await requireFreePort(http);
        return `${http.host}:${http.port} is free`;
      },
      help: () => 'see HOST and PORT',
    },
    { name: 'disk', ask: async () => `${dataDir} ${await probeDirectory(dataDir)}`, help: () => 'see KEPT_DATA_DIR' },
  ];
};
