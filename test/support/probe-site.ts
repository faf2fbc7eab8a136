// Long because it is one site, with all that a probe can look at.
import { access, mkdir, mkdtemp, rm, stat, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateCACertificate } from 'mockttp';
import { makeLocalChat } from '../../src/adapters/local-chat/index.ts';
import type { ServerReport } from '../../src/adapters/mcp/index.ts';
import { type DiskCalls, makeLogProbe } from '../../src/adapters/probes/index.ts';
import { acquireProcessLock, listProcessLocks, systemRandomness } from '../../src/adapters/system/index.ts';
import type { GroupRights, TelegramRights } from '../../src/adapters/telegram/index.ts';
import { makeRunProbes, type StoreFault } from '../../src/application/index.ts';
import type { Config } from '../../src/config/index.ts';
import type { HealthCheck } from '../../src/domain/index.ts';
import { readTlsFiles } from '../../src/main/certificate.ts';
import { BOT_LOCK, infoPath } from '../../src/main/data-dir.ts';
import { catalogOf } from '../../src/main/modules/agents.ts';
import { makeProbes } from '../../src/main/modules/health.ts';
import { openWorkspaceDatabase } from '../../src/main/modules/notion.ts';
import { makeAskAgent } from '../../src/main/probes/ask-agent.ts';
import { type AnsweringBot, gatewayProbes } from '../../src/main/probes/gateway-probes.ts';
import { mcpProbes } from '../../src/main/probes/mcp-probes.ts';
import { placeHere } from '../../src/main/seen-processes.ts';
import type { Clock, HealthProbe, Storage } from '../../src/ports/index.ts';
import { silentEvents } from '../../src/ports/index.ts';
import { buildProcess, type FixedClock, makeFixedClock, telegramChat } from '../../src/testing/index.ts';
import { NOTION_KEY, openNotion } from '../fakes/notion/index.ts';
import { openPerplexity, PERPLEXITY_KEY } from '../fakes/perplexity/index.ts';
import { makeChanges } from './http-api.ts';
import type { Handler } from './loopback.ts';
import { openModels } from './probe-models.ts';
import { configOf } from './site-config.ts';
import { openStorage } from './sqlite-storage.ts';

const GROUP = -1_001_500_002_002;
export const GROUP_ID = telegramChat(GROUP);

/** Says nothing, and keeps the connection: `reached` resolves when somebody waits. */
export const makeStall = () => {
  const reached = Promise.withResolvers<void>();
  const hang = (): Promise<never> => {
    reached.resolve();
    return new Promise<never>(() => undefined);
  };
  return { reached: reached.promise, hang, answer: (() => void reached.resolve()) as Handler };
};
export type Stall = ReturnType<typeof makeStall>;

export const refuseWith =
  (status: number): Handler =>
  (_, response) =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end('{"error":{"message":"refused"}}');

/** What a test may break of a site. */
export interface ProbeSite {
  /** Lets the timers of probes go off; what time it is, the machine says. */
  readonly timers: FixedClock;
  readonly dir: string;
  readonly dataDir: string;
  readonly storage: Storage;
  readonly openai: Awaited<ReturnType<typeof openModels>>;
  readonly anthropic: Awaited<ReturnType<typeof openModels>>;
  readonly notion: Awaited<ReturnType<typeof openNotion>>;
  readonly perplexity: Awaited<ReturnType<typeof openPerplexity>>;
  /** The program of the coding agent. */
  readonly program: string;
  /** What a test may replace. */
  parts: {
    storage: () => Promise<Storage>;
    bot: () => Promise<AnsweringBot | undefined>;
    leader: () => string | undefined;
    logFault: () => string | undefined;
    telegram: NonNullable<AnsweringBot['telegram']>;
    selfPing: AnsweringBot['selfPing'];
    localChat: AnsweringBot['localChat'];
    mcp: ServerReport['state'];
    /** The servers that the process keeps alive. */
    mcpServers: () => Promise<void>;
    locks: () => ReturnType<typeof listProcessLocks>;
    statfs: DiskCalls['statfs'];
    access: DiskCalls['access'];
    importPackage: (wanted: string) => Promise<Readonly<Record<string, unknown>>>;
    writeFault: () => StoreFault | undefined;
    readTls: typeof readTlsFiles;
    /** Whether the bot gives signs of life. */
    isBeating: boolean;
    skewMs: number;
  };
  /** The bot that runs on the data, as other processes see it. */
  startBot(role: 'start' | 'bot'): Promise<void>;
  endBot(): Promise<void>;
  /** Its probes, or those of a process with other settings. */
  probes(change?: (config: Config) => Config): readonly HealthProbe[];
  /** Asks all of them. */
  look(probes?: readonly HealthProbe[]): Promise<ReadonlyMap<string, HealthCheck>>;
  readonly run: ReturnType<typeof makeRunProbes>;
  close(): Promise<void>;
}

const RIGHTS: TelegramRights & { readonly groups: readonly GroupRights[] } = {
  isBot: true,
  privacyMode: false,
  groups: [{ chatId: GROUP_ID, title: 'Team', state: 'member' }],
};

/** A process that has everything that a probe can look at, on loopback, and in which all is well. */
export const openProbeSite = async (): Promise<ProbeSite> => {
  const dir = await mkdtemp(join(tmpdir(), 'kept-probes-'));
  const dataDir = join(dir, 'data');
  await mkdir(dataDir, { mode: 0o700 });
  const timers = makeFixedClock();
  const [openai, anthropic, notion, perplexity] = await Promise.all([
    openModels(['small', 'large']),
    openModels(['m']),
    openNotion(),
    openPerplexity(),
  ]);
  const { id: databaseId } = notion.addDatabase('Tasks', { Tasks: { Name: { type: 'title' } } });
  const program = await writeFiles(dir, databaseId);
  const env = {
    KEPT_DATA_DIR: dataDir,
    KEPT_CONFIG: join(dir, 'workspace_config.json'),
    KEPT_MODELS: 'openai,openai/large,anthropic,ai-sdk:anthropic/claude-x',
    OPENAI_API_KEY: 'a-key',
    OPENAI_BASE_URL: `${openai.url}/v1`,
    OPENAI_MODEL: 'small',
    ANTHROPIC_API_KEY: 'their-key',
    ANTHROPIC_BASE_URL: anthropic.url,
    ANTHROPIC_MODEL: 'm',
    NOTION_API_KEY: NOTION_KEY,
    NOTION_BASE_URL: notion.url,
    PERPLEXITY_API_KEY: PERPLEXITY_KEY,
    PERPLEXITY_BASE_URL: perplexity.url,
    KEPT_WEBHOOK_URL: 'http://127.0.0.1:9/hook',
    KEPT_WEBHOOK_SECRET: 'webhook-secret-of-tests',
    TELEGRAM_API_ID: '1234567',
    TELEGRAM_API_HASH: '0123456789abcdef'.repeat(2),
    TELEGRAM_BOT_TOKEN: `7000000001:${'t'.repeat(35)}`,
    KEPT_CODING_AGENT: `acp:${program}`,
    SSL_KEYFILE: join(dir, 'tls.key'),
    SSL_CERTFILE: join(dir, 'tls.crt'),
    PATH: process.env.PATH ?? '',
  };
  // As on PostgreSQL, it stands elsewhere: what happens to the data directory does not touch it.
  const storage: Storage = await openStorage(join(dir, 'elsewhere.db'));
  const parts = wellParts(storage, dataDir);
  let beat = async (): Promise<void> => undefined;
  let lock: { release(): Promise<void> } | undefined;
  const clock: Clock = { now: () => Date.now() + parts.skewMs, elapsed: timers.now, after: timers.after };
  const site: ProbeSite = {
    timers,
    dir,
    dataDir,
    storage,
    openai,
    anthropic,
    notion,
    perplexity,
    program,
    parts,
    run: makeRunProbes({ clock }),
    startBot: async (role) => {
      lock ??= await acquireProcessLock(dataDir, BOT_LOCK);
      await writeFile(infoPath(dataDir), JSON.stringify({ role, pid: process.pid, model: 'm', storage: 's' }));
      const started = buildProcess('bot of the site', { ...placeHere(configOf(env, dir)), role, pid: process.pid, startedAt: Date.now() });
      beat = () => storage.stores.processes.beat({ ...started, heartbeatAt: clock.now() });
    },
    endBot: async () => {
      await lock?.release();
      lock = undefined;
      beat = async () => undefined;
    },
    probes: (change = (config) => config) => probesOf(change(configOf(env, dir)), parts, clock),
    look: async (probes = site.probes()) => {
      if (parts.isBeating) await beat();
      return new Map((await site.run(probes, { depth: 'deep' })).map(({ check }) => [check.id, check]));
    },
    close: async () => {
      await site.endBot();
      await Promise.all([openai.close(), anthropic.close(), notion.close(), perplexity.close()]);
      await (storage as unknown as { close(): Promise<void> }).close();
      await rm(dir, { recursive: true, force: true });
    },
  };
  await site.startBot('start');
  return site;
};

/** All that it is set up with. Returns the program of the coding agent. */
const writeFiles = async (dir: string, databaseId: string): Promise<string> => {
  const program = join(dir, 'coder');
  await writeFile(program, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const tls = await generateCACertificate();
  await writeFile(join(dir, 'tls.key'), tls.key, { mode: 0o600 });
  await writeFile(join(dir, 'tls.crt'), tls.cert);
  await writeConfig(dir, databaseId);
  return program;
};

const writeConfig = async (dir: string, databaseId: string): Promise<void> => {
  const workspace = {
    database_id: databaseId,
    description: 'x',
    workspace_type: 'x',
    working_directory: dir,
    telegram_chat_ids: [`${GROUP}`],
    aliases: ['psy'],
    is_dev_group: true,
    budget: { daily_usd: 10 },
  };
  await writeFile(
    join(dir, 'workspace_config.json'),
    JSON.stringify({
      workspaces: { psy: workspace },
      telegram_groups: { [GROUP]: 'psy' },
      dm_whitelist: {
        description: 'x',
        default_working_directory: dir,
        allowed_users: {},
        allowed_user_ids: { 501: { description: 'Ada' } },
      },
      people: { 'telegram:501': { name: 'Ada', role: 'owner', budget: { daily_usd: 5 } } },
      budget: { monthly_usd: 1_000 },
    }),
  );
  await writeFile(join(dir, '.mcp.json'), JSON.stringify({ mcpServers: { files: { command: process.execPath, args: ['-v'] } } }));
};

const wellParts = (storage: Storage, dataDir: string): ProbeSite['parts'] => {
  const chat = makeLocalChat({
    transcript: storage.transcript,
    clock: { now: Date.now, after: () => () => undefined },
    randomness: systemRandomness,
    changes: makeChanges(),
    events: silentEvents,
  });
  const parts: ProbeSite['parts'] = {
    storage: async () => storage,
    bot: async () => ({ telegram: parts.telegram, selfPing: parts.selfPing, localChat: parts.localChat }),
    leader: () => 'here/1',
    logFault: () => undefined,
    telegram: {
      name: 'telegram',
      health: () => ({ id: 'gateway.telegram', status: 'ok', message: 'connected as @kept_bot' }),
      pingServer: async () => 12,
      rights: async () => RIGHTS,
    },
    selfPing: { ping: async () => 40 },
    localChat: chat,
    mcp: { status: 'connected', connectedInMs: 5 },
    mcpServers: async () => undefined,
    locks: () => listProcessLocks(dataDir, { sweeps: false }),
    // However full the disk of the tests is.
    statfs: (async (path: string) => ({ ...(await statfs(path)), bavail: 1e9, blocks: 2e9, bsize: 1 })) as DiskCalls['statfs'],
    access,
    importPackage: (wanted) => import(wanted),
    writeFault: () => undefined,
    readTls: readTlsFiles,
    isBeating: true,
    skewMs: 0,
  };
  return parts;
};

const probesOf = (config: Config, parts: ProbeSite['parts'], clock: Clock): readonly HealthProbe[] => {
  const { budget: _, ...unlimited } = config.policy;
  const askAgent = async (...asked: Parameters<ReturnType<typeof makeAskAgent>>) =>
    makeAskAgent({
      config,
      storage: await parts.storage(),
      clock,
      randomness: systemRandomness,
      redact: (text) => text,
      timeZone: 'UTC',
      policy: unlimited,
      prices: config.prices,
    })(...asked);
  const report = (): readonly ServerReport[] => config.mcp.servers.map(({ name }) => ({ name, state: parts.mcp, tools: [], leftOut: [] }));
  return makeProbes({
    config,
    clock,
    models: undefined,
    storage: () => parts.storage(),
    notion: () => openWorkspaceDatabase(config, clock),
    agents: catalogOf(config).list(),
    askAgent,
    locks: () => parts.locks(),
    writeFault: () => parts.writeFault(),
    readTls: (files) => parts.readTls(files),
    importPackage: (wanted) => parts.importPackage(wanted),
    // All of them are on loopback.
    time: { telegramTime: async () => Math.floor(Date.now() / 1_000) * 1_000 + 500, isHere: async () => false },
    disk: {
      calls: { access: (...asked) => parts.access(...asked), stat, statfs: ((path: string) => parts.statfs(path)) as DiskCalls['statfs'] },
    },
    ofProcess: [
      makeLogProbe(join(config.dataDir, 'logs', 'kept.log'), () => parts.logFault()),
      ...gatewayProbes({
        bot: () => parts.bot(),
        leader: () => () => parts.leader(),
        policy: config.policy,
        hasTelegram: config.telegram !== undefined,
        heard: { words: () => '' },
        clock,
      }),
      ...mcpProbes(config, async () => {
        await parts.mcpServers();
        return { report };
      }),
    ],
  });
};
