// Long because it is one table: a row for each probe.
import { chmod, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateCACertificate } from 'mockttp';
import { acquireProcessLock } from '../../../src/adapters/system/index.ts';
import { FIRST_COOLDOWN_MS } from '../../../src/application/models/cooldowns.ts';
import type { LedgerEntry } from '../../../src/domain/budget/ledger.ts';
import { moneyOf } from '../../../src/domain/budget/money.ts';
import { BOT_LOCK, databasePath } from '../../../src/main/data-dir.ts';
import { recordFilesRead, recordReadAgain } from '../../../src/main/files-read.ts';
import { type HealthProbe, PortError, type Storage } from '../../../src/ports/index.ts';
import { buildProcess, buildWebhookDraft, telegramChat, telegramUser } from '../../../src/testing/index.ts';
import { GROUP_ID, type ProbeSite, refuseWith, type Stall } from '../../support/probe-site.ts';

type Undo = () => unknown;

/** One probe, and how exactly that thing is broken. */
export interface ProbeRow {
  readonly id: string;
  /** Breaks it; returns what mends it, and the probes to ask where they are others. */
  readonly breaks: (site: ProbeSite) => Promise<Undo | { readonly undo: Undo; readonly probes: readonly HealthProbe[] }>;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly message: RegExp;
  /** How to mend it. Absent only where nothing is wrong. */
  readonly hint?: RegExp;
  /** What it tells where whoever it asks says nothing; absent for what can't wait. */
  readonly stalls?: { readonly by: (site: ProbeSite, stall: Stall) => Undo; readonly status: 'skipped' | 'warn' | 'fail' };
}

const broken = (code: 'unavailable' | 'storage-full' | 'timeout', words: string): PortError =>
  new PortError(code, words, { retryable: true });

/** The storage, with some of its stores replaced. */
const withStores = (site: ProbeSite, over: (storage: Storage) => Partial<Storage['stores']>): Undo => {
  const { storage } = site.parts;
  const stores = { ...site.storage.stores, ...over(site.storage) };
  site.parts.storage = async () => ({ ...site.storage, stores });
  return () => {
    site.parts.storage = storage;
  };
};

/** Every call of a store hangs; what opens them does not. */
const stallsReading = {
  by: (site: ProbeSite, stall: Stall): Undo => {
    const hanging = <T extends object>(): T => new Proxy({} as T, { get: () => stall.hang });
    const stores = new Proxy({} as Storage['stores'], { get: () => hanging() });
    return replacing(site, 'storage', async () => ({ ...site.storage, stores, queue: hanging(), state: () => hanging() }));
  },
} as const;

/** Replaces one part of the site for a while. */
const replacing = <K extends keyof ProbeSite['parts']>(site: ProbeSite, key: K, value: ProbeSite['parts'][K]): Undo => {
  const before = site.parts[key];
  site.parts[key] = value;
  return () => {
    site.parts[key] = before;
  };
};

const entry = (about: Partial<LedgerEntry>, at: number): LedgerEntry => ({
  id: `probe-${Math.random()}`,
  at,
  on: 'model',
  name: 'openai/small',
  chatId: GROUP_ID,
  agent: 'valor_agent',
  usage: { inputTokens: 1, outputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0 },
  ...about,
});

const spends =
  (cost: number, about: Partial<LedgerEntry>): ProbeRow['breaks'] =>
  async ({ storage }) => {
    await storage.stores.ledger.add([entry({ cost: moneyOf(cost * 1_000_000), ...about }, Date.now() - 1)]);
    return () => storage.stores.ledger.purge({ before: Date.now() + 1, limit: 10_000 });
  };

const modelRow = (id: string, server: 'openai' | 'anthropic', variable: RegExp): ProbeRow => ({
  id,
  breaks: async (site) => {
    site[server].fault.list = refuseWith(401);
    return () => {
      delete site[server].fault.list;
    };
  },
  status: 'warn',
  message: /refused the credentials/,
  hint: variable,
  stalls: {
    status: 'warn',
    by: (site, { answer }) => {
      site[server].fault.list = answer;
      return () => {
        delete site[server].fault.list;
      };
    },
  },
});

const agentRow = (name: string, marker: string): ProbeRow => {
  const failWith = (site: ProbeSite, answer: ReturnType<typeof refuseWith>): Undo => {
    site.openai.fault.chat = (body) => (body.includes(marker) ? answer : undefined);
    return () => {
      delete site.openai.fault.chat;
    };
  };
  return {
    id: `agent.${name}`,
    breaks: async (site) => failWith(site, refuseWith(500)),
    status: 'fail',
    message: /HTTP 500/,
    hint: /its model.*its key and its credit/,
    stalls: { status: 'fail', by: (site, { answer }) => failWith(site, answer) },
  };
};

const asksTheStore = (status: 'warn' | 'fail') => ({ ...stallsReading, status });

const ofTelegram = (site: ProbeSite, over: Partial<ProbeSite['parts']['telegram']>): Undo =>
  replacing(site, 'telegram', { ...site.parts.telegram, ...over });

/** What the probes of a site are asked with, and the row of each. */
export const PROBE_ROWS: readonly ProbeRow[] = [
  {
    id: 'storage.database',
    breaks: async (site) => replacing(site, 'storage', () => Promise.reject(broken('unavailable', 'the file is no database'))),
    status: 'fail',
    message: /^the file is no database$/,
    hint: /config check --live/,
    stalls: asksTheStore('fail'),
  },
  {
    id: 'http.certificate',
    breaks: async ({ dir }) => {
      const [file, aside] = [join(dir, 'tls.key'), join(dir, 'tls.key.aside')];
      await rename(file, aside);
      const { key } = await generateCACertificate();
      await writeFile(file, key, { mode: 0o600 });
      return () => rename(aside, file);
    },
    status: 'fail',
    message: /the key of SSL_KEYFILE is not that of the certificate; a running server goes on with the one before/,
    hint: /see SSL_KEYFILE and SSL_CERTFILE/,
    stalls: { status: 'fail', by: (site, stall) => replacing(site, 'readTls', stall.hang) },
  },
  {
    id: 'queue.promises',
    breaks: async (site) => {
      const { storage } = site;
      const queue = { ...storage.queue, nextDueAt: async () => Date.now() - 60_001 };
      return replacing(site, 'storage', async () => ({ ...storage, queue }));
    },
    status: 'warn',
    message: /^0 in progress, 0 pending, 0 waiting; the oldest is due for 1 min, and is overdue: is a worker running/,
    hint: /start a worker with .*worker/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'queue.outbox',
    breaks: async (site) =>
      withStores(site, ({ stores }) => ({ outbox: { ...stores.outbox, nextDueAt: async () => Date.now() - 60_001 } })),
    status: 'warn',
    message: /^0 to send; the oldest is due for 1 min, and is overdue: is the bot running\?/,
    hint: /start the bot with/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'model.rests',
    breaks: async ({ storage }) => {
      const state = storage.state('models');
      const rest = { until: Date.now() + FIRST_COOLDOWN_MS, since: Date.now(), code: 'unavailable', asked: false, failures: 1 };
      await state.set(new Map([['openai/small', JSON.stringify(rest)]]));
      return () => state.set(new Map([['openai/small', undefined]]));
    },
    status: 'warn',
    message: /^openai\/small rests for .*: it was down/,
    hint: /KEPT_MODELS/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'config.reload',
    breaks: async ({ dir, dataDir }) => {
      const directories = { agents: join(dir, 'agents'), skills: join(dir, 'skills') };
      const read = {
        workspaceConfigPath: join(dir, 'w.json'),
        secretFiles: [],
        mcp: { path: join(dir, '.mcp.json') },
        agents: { directories },
      };
      const forget = recordFilesRead(dataDir, BOT_LOCK, read, dir);
      recordReadAgain(dataDir, BOT_LOCK, [{ place: 'w.json: people', problem: 'is no object' }]);
      return forget;
    },
    status: 'warn',
    message: /^PID \d+ goes on by the configuration of before, .* w\.json: people: is no object\.$/,
    hint: /correct it there: .*config check/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'locks', hang) },
  },
  {
    id: 'config.workspaces',
    breaks: async (site) =>
      withStores(site, ({ stores }) => ({
        chatMoves: {
          ...stores.chatMoves,
          list: async () => [{ from: GROUP_ID, to: telegramChat(-1_009_999_999_999), at: Date.now() }],
        },
      })),
    // Chats under an old id are served as before.
    status: 'ok',
    message: /-1009999999999/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'process.running',
    breaks: async (site) => {
      await site.endBot();
      // It has run before.
      await writeFile(databasePath(site.dataDir), '');
      // A worker goes on, so that nothing else is missing.
      const worker = await acquireProcessLock(site.dataDir, 'worker-of-the-test');
      return async () => {
        await worker.release();
        await rm(databasePath(site.dataDir));
        await site.startBot('start');
      };
    },
    status: 'warn',
    message: /no bot is running, and nobody answers/,
    hint: /start it with .*bot/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'locks', hang) },
  },
  {
    id: 'queue.worker',
    breaks: async (site) => {
      // It holds its lock, and gives no sign of life.
      await site.look([]);
      const [entry] = await site.storage.stores.processes.list({ limit: 1 });
      if (entry) await site.storage.stores.processes.beat({ ...entry, heartbeatAt: Date.now() - 120_000 });
      return replacing(site, 'isBeating', false);
    },
    status: 'warn',
    message: /^it hangs, or is cut off from the database: start on .* \(PID \d+\), version .*: its last sign of life was 2 min ago$/,
    hint: /see its log \(.*logs --level error.*restart it: .*restart --now/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'locks', hang) },
  },
  {
    id: 'process.restarts',
    breaks: async ({ storage: { stores } }) => {
      const at = Date.now();
      for (let time = 0; time < 5; time++) {
        const work = { phase: 'failed', promises: [], promiseCount: 0, answering: 0 } as const;
        await stores.processes.beat(buildProcess(`restart ${time}`, { startedAt: at, heartbeatAt: at, role: 'bot', work }));
        await stores.processes.stop(`restart ${time}`, at);
      }
      return () => stores.processes.purge({ before: at, silentBefore: at, after: at + 1, each: 0, most: 0 });
    },
    status: 'warn',
    message: /^bot on alpha began and broke off 5 times within 15 min$/,
    hint: /logs --level warn/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'storage.disk',
    breaks: async (site) => {
      const { dataDir } = site;
      const probes = site.probes();
      await rename(dataDir, `${dataDir}.former`);
      await mkdir(dataDir);
      const undo = async (): Promise<void> => {
        await rm(dataDir, { recursive: true });
        await rename(`${dataDir}.former`, dataDir);
      };
      return { undo, probes };
    },
    status: 'fail',
    message: /was replaced by another directory/,
    hint: /restart Kept/,
    stalls: { status: 'fail', by: (site, { hang }) => replacing(site, 'statfs', hang as ProbeSite['parts']['statfs']) },
  },
  {
    id: 'process.log',
    breaks: async (site) => replacing(site, 'logFault', () => 'ENOSPC: no space left on device'),
    status: 'warn',
    message: /the log file can't be written: ENOSPC/,
    hint: /make room/,
  },
  {
    id: 'process.leader',
    breaks: async (site) => {
      const undo = [replacing(site, 'bot', async () => undefined), replacing(site, 'leader', () => undefined)];
      return () => undo.map((each) => each());
    },
    status: 'warn',
    message: /stands by; the leader is not known/,
    hint: /lease of the former leader/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'bot', hang) },
  },
  {
    id: 'gateway.local',
    breaks: async (site) => replacing(site, 'localChat', { list: () => Promise.reject(broken('unavailable', 'no transcript')) }),
    status: 'fail',
    message: /no transcript/,
    hint: /see storage\.database; restart it/,
    stalls: { status: 'fail', by: (site, { hang }) => replacing(site, 'localChat', { list: hang }) },
  },
  {
    id: 'gateway.local-round-trip',
    breaks: async (site) => replacing(site, 'selfPing', { ping: () => Promise.reject(broken('timeout', 'no answer to the self-ping')) }),
    status: 'fail',
    message: /no answer to the self-ping/,
    hint: /see queue\.outbox and the log/,
    stalls: { status: 'fail', by: (site, { hang }) => replacing(site, 'selfPing', { ping: hang }) },
  },
  {
    id: 'gateway.telegram',
    breaks: async (site) =>
      ofTelegram(site, { health: () => ({ id: 'gateway.telegram', status: 'fail', message: 'not connected (ECONNREFUSED)' }) }),
    status: 'fail',
    message: /not connected \(ECONNREFUSED\)/,
    hint: /TELEGRAM_DC_ADDRESS/,
    stalls: { status: 'fail', by: (site, { hang }) => replacing(site, 'bot', hang) },
  },
  {
    id: 'gateway.telegram-round-trip',
    breaks: async (site) => ofTelegram(site, { pingServer: () => Promise.reject(broken('unavailable', 'Telegram: RPC_CALL_FAIL')) }),
    status: 'fail',
    message: /RPC_CALL_FAIL/,
    hint: /see the network/,
    stalls: { status: 'fail', by: (site, { hang }) => ofTelegram(site, { pingServer: hang }) },
  },
  {
    id: 'gateway.telegram-rights',
    breaks: async (site) =>
      ofTelegram(site, {
        rights: async () => ({ isBot: true, privacyMode: true, groups: [{ chatId: GROUP_ID, title: 'Team', state: 'member' }] }),
      }),
    status: 'warn',
    message: /in the dev group "Team" \(psy\) it sees only commands/,
    hint: /@BotFather \(\/setprivacy\)/,
    stalls: { status: 'skipped', by: (site, { hang }) => ofTelegram(site, { rights: hang }) },
  },
  {
    id: 'mcp.files',
    breaks: async (site) => replacing(site, 'mcp', { status: 'failed', reason: 'it ended with exit code 1', help: 'run it by hand' }),
    status: 'warn',
    message: /it ended with exit code 1/,
    hint: /run it by hand/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'mcpServers', hang) },
  },
  {
    id: 'budget.installation',
    breaks: spends(900, {}),
    status: 'warn',
    message: /\$900\.\d\d of \$1,000\.00 a month: nearly used up/,
    hint: /raise .*budget\.monthly_usd, or wait for the next month/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'budget.psy',
    breaks: spends(10, { workspace: 'psy' }),
    status: 'warn',
    message: /\$10\.00 of \$10\.00 a day: used up/,
    hint: /raise workspaces\.psy\.budget\.daily_usd/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'budget.Ada',
    breaks: spends(5, { person: telegramUser(501) }),
    status: 'warn',
    message: /\$5\.00 of \$5\.00 a day: used up/,
    hint: /raise people.*daily_usd/,
    stalls: asksTheStore('warn'),
  },
  {
    ...modelRow('model.openai', 'openai', /check OPENAI_MODEL/),
    breaks: async ({ openai }) => {
      openai.fault.list = (_, response) => void response.end('{"data":[{"id":"large"}]}');
      return () => {
        delete openai.fault.list;
      };
    },
    message: /its list does not name small; it has large/,
  },
  {
    ...modelRow('model.openai/large', 'openai', /KEPT_MODELS/),
    breaks: async ({ openai }) => {
      openai.fault.list = (_, response) => void response.end('{"data":[{"id":"small"}]}');
      return () => {
        delete openai.fault.list;
      };
    },
    message: /its list does not name large; it has small/,
  },
  modelRow('model.anthropic', 'anthropic', /ANTHROPIC_API_KEY/),
  {
    id: 'model.ai-sdk',
    breaks: async (site) => ({
      undo: () => undefined,
      probes: site.probes((config) => ({
        ...config,
        models: { ...config.models, order: ['openai', 'openai/large', 'anthropic', 'ai-sdk:nobody-has-this/x'] },
      })),
    }),
    status: 'warn',
    message: /nobody-has-this/,
    hint: /see KEPT_MODELS/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'importPackage', hang) },
  },
  {
    id: 'service.perplexity',
    breaks: async ({ perplexity }) => {
      perplexity.failNext(refuseWith(401));
      return () => undefined;
    },
    status: 'warn',
    message: /Perplexity refused the credentials/,
    hint: /PERPLEXITY_API_KEY/,
    stalls: {
      status: 'warn',
      by: ({ perplexity }, { answer }) => {
        perplexity.failNext(answer);
        return () => undefined;
      },
    },
  },
  {
    id: 'service.webhook',
    breaks: async (site) => {
      const { webhooks } = site.storage.stores;
      await webhooks.listen(true);
      await webhooks.add([buildWebhookDraft(9_001, Date.now() - 20 * 60_000)]);
      await webhooks.listen(false);
      return () => webhooks.purge({ endedBefore: 0, pendingBefore: Date.now(), limit: 10 });
    },
    status: 'warn',
    message: /^1 event waiting, the oldest for 20 min; 0 delivered and 0 given up within a week$/,
    hint: /webhooks list.*webhooks test/,
    stalls: asksTheStore('warn'),
  },
  {
    id: 'service.notion.psy',
    breaks: async ({ notion }) => {
      notion.refuseNext(/^\/v1\/databases\//, 404, 'object_not_found');
      return () => undefined;
    },
    status: 'warn',
    message: /.+/,
    hint: /share the database with the integration/,
    stalls: {
      status: 'warn',
      by: ({ notion }, { answer }) => {
        notion.failNext(/^\/v1\/databases\//, answer);
        return () => undefined;
      },
    },
  },
  {
    id: 'coding.agent',
    breaks: async (site) => {
      const probes = site.probes();
      await chmod(site.program, 0o644);
      return { undo: () => chmod(site.program, 0o755), probes };
    },
    status: 'warn',
    message: /the program .*coder is not found/,
    hint: /KEPT_CODING_AGENT/,
    stalls: { status: 'warn', by: (site, { hang }) => replacing(site, 'access', hang) },
  },
  {
    id: 'process.clock',
    breaks: async (site) => replacing(site, 'skewMs', 3_600_000),
    status: 'fail',
    message: /is (3599|360\d) s ahead of those of Telegram, http:.* and 2 more$/,
    hint: /time server/,
    stalls: {
      status: 'skipped',
      by: ({ openai, anthropic, notion, perplexity }, { answer }) => {
        for (const { fault } of [openai, anthropic]) fault.time = answer;
        notion.failNext(/./, answer);
        perplexity.failNext(answer, 'HEAD');
        return () => {
          for (const { fault } of [openai, anthropic]) delete fault.time;
        };
      },
    },
  },
  agentRow('telegram_chat_agent', 'an assistant in a team chat'),
  agentRow('valor_agent', 'at work on a promise'),
  agentRow('notion_scout', 'You are Notion Scout'),
];
