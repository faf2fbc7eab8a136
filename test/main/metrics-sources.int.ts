import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { Container } from 'inversify';
import { makeMemoryStorage } from '../../src/adapters/memory/index.ts';
import { systemClock } from '../../src/adapters/system/index.ts';
import { lookEntry } from '../../src/application/alerts/last-look.ts';
import { makeBudgetProbes, makeRunProbes, makeStoredProbes } from '../../src/application/index.ts';
import { bindMetrics } from '../../src/main/modules/metrics.ts';
import { gatewayProbes } from '../../src/main/probes/gateway-probes.ts';
import { mcpProbes } from '../../src/main/probes/mcp-probes.ts';
import { type LeaderStatus, TOKENS } from '../../src/main/tokens.ts';
import type { Clock, HealthProbe, Storage } from '../../src/ports/index.ts';
import { makeFixedClock, START } from '../../src/testing/index.ts';
import { openBlackHole } from '../support/black-hole.ts';
import { openBossStorage } from '../support/boss-storage.ts';
import { takeDirectory } from '../support/own-directory.ts';
import { withPostgres } from '../support/postgres-storage.ts';
import { configOf } from '../support/site-config.ts';

const dir = takeDirectory('metrics-sources');
writeFileSync(
  join(dir, 'workspace_config.json'),
  JSON.stringify({
    workspaces: {},
    telegram_groups: {},
    dm_whitelist: { allowed_users: {}, allowed_user_ids: {} },
    budget: { daily_usd: 5 },
  }),
);
const TELEGRAM = { TELEGRAM_API_ID: '1', TELEGRAM_API_HASH: 'a'.repeat(32), TELEGRAM_BOT_TOKEN: `7000000001:${'t'.repeat(35)}` };
const config = configOf(
  { KEPT_DATA_DIR: dir, KEPT_MODELS: 'rehearsal', KEPT_CONFIG: join(dir, 'workspace_config.json'), ...TELEGRAM },
  dir,
);
const { policy } = config;

/** The gateways of a bot that answers: what they say of Telegram stands in memory. */
const gateways = (storage: Storage, clock: Clock): readonly HealthProbe[] =>
  gatewayProbes({
    bot: async () => ({
      telegram: { name: 'telegram', health: () => ({ id: 'gateway.telegram', status: 'ok', message: 'connected' }) } as never,
      selfPing: { ping: async () => 1 },
      localChat: { list: async () => (await storage.stores.messages.stats()) as never },
    }),
    leader: () => undefined,
    policy,
    hasTelegram: true,
    heard: { words: () => '' } as never,
    clock,
  });

/** The metrics of a bot on that storage. */
const metricsOn = (storage: Storage, clock: Clock, others: readonly HealthProbe[] = []) => {
  const container = new Container();
  container.bind(TOKENS.config).toConstantValue(config);
  container.bind(TOKENS.storage).toConstantValue(storage);
  container.bind(TOKENS.clock).toConstantValue(clock);
  container.bind(TOKENS.redact).toConstantValue((text: string) => text);
  container.bind(TOKENS.runProbes).toConstantValue(makeRunProbes({ clock }));
  container.bind(TOKENS.diskRoom).toConstantValue(async () => ({ freeBytes: 1, totalBytes: 2 }));
  container.bind(TOKENS.knownBackup).toConstantValue(async () => undefined);
  container.bind(TOKENS.leaderStatus).toConstantValue({ botScope: {} } as LeaderStatus);
  const ledger = async () => storage.stores.ledger;
  container
    .bind(TOKENS.probes)
    .toConstantValue(() => [
      ...makeStoredProbes({ storage: async () => storage, clock, policy }),
      ...gateways(storage, clock),
      ...others,
      ...makeBudgetProbes({ policy, ledger, clock }),
    ]);
  bindMetrics(container, 'bot');
  const read = async (): Promise<readonly string[]> => (await (await container.getAsync(TOKENS.metrics)).read()).text.split('\n');
  return { read };
};

const series = (lines: readonly string[], name: string): readonly string[] => lines.filter((line) => line.startsWith(name));

describe('What metrics of a bot are read from', () => {
  it('budgets are those of the last look, as long as somebody looks', async () => {
    const [storage, clock] = [makeMemoryStorage(), makeFixedClock()];
    const { read } = metricsOn(storage, clock);
    expect(series(await read(), 'kept_budget_used_ratio{')).to.deep.equal([]);
    await storage.state('alerts').set(new Map([lookEntry({ 'budget.used': [{ subject: 'budget.day', value: 1 }] }, START)]));
    clock.advance(180_000);
    expect(series(await read(), 'kept_budget_used_ratio{')).to.deep.equal(['kept_budget_used_ratio{budget="budget.day"} 1']);
    // The bot that led is dead, and the month is over.
    clock.advance(10_000);
    expect(series(await read(), 'kept_budget_used_ratio{')).to.deep.equal([]);
  });

  it('budgets are the ten fullest, wherever they stand among the others', async () => {
    const [storage, clock] = [makeMemoryStorage(), makeFixedClock()];
    const used = Array.from({ length: 12 }, (_, at) => ({ subject: `budget.${at}`, value: at === 11 ? 1.2 : 0.5 - at / 100 }));
    await storage.state('alerts').set(new Map([lookEntry({ 'budget.used': used }, START)]));
    const told = series(await metricsOn(storage, clock).read(), 'kept_budget_used_ratio{');
    expect(told).to.have.length(10).and.to.include('kept_budget_used_ratio{budget="budget.11"} 1.2');
    expect(told.join()).to.not.include('"budget.9"').and.to.not.include('"budget.10"');
  });

  it('checks and gateways are told one by one, each by its own name', async () => {
    const lines = await metricsOn(makeMemoryStorage(), makeFixedClock()).read();
    expect(series(lines, 'kept_gateway_up{')).to.deep.equal([
      'kept_gateway_up{gateway="local"} 1',
      'kept_gateway_up{gateway="telegram"} 1',
    ]);
    expect(lines).to.include('kept_check_up{check="storage.database"} 1');
    expect(series(lines, 'kept_check_up{check="gateway.telegram-r')).to.deep.equal([]);
  });

  it('an MCP server is up where it is connected, and absent where this process keeps none', async () => {
    const servers = ['files', 'tracker'].map((name) => ({ name }));
    const state = { files: 'connected', tracker: 'failed' } as const;
    let isAtWork = true;
    const report = () =>
      servers.map(({ name }) => ({ name, tools: [], leftOut: [], state: { status: state[name as 'files'], reason: 'ended' } }));
    const mcp = mcpProbes({ mcp: { servers, path: '.mcp.json' } } as never, async () => (isAtWork ? ({ report } as never) : undefined));
    const clock = makeFixedClock();
    const { read } = metricsOn(makeMemoryStorage(), clock, mcp);
    expect(series(await read(), 'kept_mcp_server_up{')).to.deep.equal([
      'kept_mcp_server_up{server="files"} 1',
      'kept_mcp_server_up{server="tracker"} 0',
    ]);
    // It no longer leads: its servers are stopped.
    isAtWork = false;
    clock.advance(10_000);
    expect(series(await read(), 'kept_mcp_server_up{')).to.deep.equal([]);
  });

  it('a real database that hangs is one check that is 0, and what does not need it stays', function () {
    this.timeout(60_000);
    return withPostgres(async (_, url) => {
      const way = await openBlackHole(Number(new URL(url).port));
      const through = new URL(url);
      through.port = String(way.port);
      const storage = await openBossStorage(through.href);
      try {
        const { read } = metricsOn(storage, systemClock);
        const well = await read();
        expect(well.filter((line) => line.endsWith(' 0') && /^kept_(check|gateway|metrics_source)_up/.test(line))).to.deep.equal([]);
        way.swallow();
        const hanging = metricsOn(storage, systemClock);
        // As each scrape, also when the calls of the one before still hang.
        for (let scrapes = 0; scrapes < 2; scrapes++) {
          const startedAt = performance.now();
          const lines = await hanging.read();
          expect(performance.now() - startedAt).to.be.below(3_000);
          expect(lines).to.include.members([
            'kept_check_up{check="storage.database"} 0',
            'kept_check_up{check="gateway.telegram"} 1',
            'kept_gateway_up{gateway="telegram"} 1',
            'kept_gateway_up{gateway="local"} 0',
            'kept_metrics_source_up{source="promises"} 0',
            'kept_metrics_source_up{source="checks"} 1',
          ]);
        }
      } finally {
        way.close();
        await storage.close();
      }
    });
  });
});
