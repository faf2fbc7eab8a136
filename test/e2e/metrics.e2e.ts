import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { grafanaDashboard } from '../../scripts/grafana-dashboard.ts';
import { logPath } from '../../src/main/data-dir.ts';
import { until } from '../support/chat-api.ts';
import { type KeptProcess, makeSite, type Site, startKept } from '../support/kept-process.ts';
import { freePort } from '../support/loopback.ts';
import { endWithUs } from '../support/own-directory.ts';
import { itWith, programPath, runProgram } from '../support/programs.ts';
import { runKept } from '../support/run-kept.ts';

const TOKEN = 'the-token-of-this-installation';
const AUTHORISED = { authorization: `Bearer ${TOKEN}` };

/** What the panels of the dashboard ask, as Grafana would. */
const dashboardQueries = (): readonly string[] => {
  const { panels } = JSON.parse(grafanaDashboard()) as {
    readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
  };
  return panels.flatMap(({ targets = [] }) =>
    targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '10s').replaceAll('$job', 'kept')),
  );
};

/** What no message, promise or process of these tests moves. */
const UNMOVED =
  /kept_(model_failures_total|mcp_server_up|deliveries_abandoned_total|approvals_total|budget_\w+|process_restarts|loop_failures_total|backup_timestamp_seconds)|kept_metrics_source_up\S* < 1/;

interface Registered {
  readonly role: string;
  readonly pid: number;
  readonly phase: string;
  readonly metrics?: object;
}

/** The value of a series; undefined where it is absent. */
const seriesOf = (text: string, series: string): number | undefined => {
  const line = text.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
};

describe('Metrics of real processes', function () {
  this.timeout(90_000);
  let site: Site;
  let bot: KeptProcess;
  let worker: KeptProcess;
  let workerAt: string;
  before(async () => {
    const port = await freePort();
    workerAt = `http://127.0.0.1:${port}`;
    site = await makeSite({ KEPT_MODELS: 'rehearsal', KEPT_API_TOKEN: TOKEN, KEPT_METRICS_PORT: String(port) });
    bot = await startKept(site, 'bot');
    worker = await startKept(site, 'worker');
    await fetch(`${bot.url}/api/chat/messages`, {
      method: 'POST',
      headers: { ...AUTHORISED, 'content-type': 'application/json' },
      body: JSON.stringify({ chatId: 1, text: 'in the background, count the TODO comments in this project' }),
    });
  });
  after(async () => {
    await Promise.all([bot.stop(), worker.stop()]);
    await site.remove();
  });

  const read = async (url: string): Promise<string> => {
    const response = await fetch(`${url}/metrics`, { headers: AUTHORISED });
    expect(response.status).to.equal(200);
    return response.text();
  };

  it('tell what the bot answered and what the worker kept, each at its own address, behind the token', async () => {
    for (const url of [bot.url, workerAt]) expect((await fetch(`${url}/metrics`)).status).to.equal(401);
    const kept = 'kept_promise_attempt_duration_seconds_count{task_type="search",end="complete"}';
    const ofWorker = await until('the kept promise', async () => {
      const text = await read(workerAt);
      return seriesOf(text, kept) === 1 && text;
    });
    // What is stored is read once in ten seconds.
    const ofBot = await until('its delivery', async () => {
      const text = await read(bot.url);
      return seriesOf(text, 'kept_delivery_duration_seconds_count{gateway="local"}') === 3 && text;
    });
    // It pings itself when it starts.
    expect(seriesOf(ofBot, 'kept_messages_received_total{gateway="local",verdict="waiting"}')).to.equal(2);
    expect(seriesOf(ofBot, 'kept_turns_total{agent="commands",outcome="answered"}')).to.equal(1);
    expect(seriesOf(ofBot, 'kept_turn_duration_seconds_count')).to.equal(1);
    expect(seriesOf(ofBot, 'kept_turns_total{agent="telegram_chat_agent",outcome="promised"}')).to.equal(1);
    expect(seriesOf(ofBot, 'kept_model_request_duration_seconds_count{model="rehearsal/offline",outcome="done"}')).to.be.greaterThan(0);
    expect(seriesOf(ofBot, 'kept_tool_duration_seconds_count{tool="make_promise",outcome="done"}')).to.equal(1);
    expect(seriesOf(ofBot, 'kept_gateway_up{gateway="local"}')).to.equal(1);
    expect([seriesOf(ofBot, 'kept_leader'), seriesOf(ofBot, kept)]).to.deep.equal([1, 0]);
    expect([seriesOf(ofWorker, 'kept_leader'), seriesOf(ofWorker, 'kept_gateway_up{gateway="local"}')]).to.deep.equal([
      undefined,
      undefined,
    ]);
    for (const text of [ofBot, ofWorker]) {
      expect(seriesOf(text, 'kept_processes{role="bot"}')).to.equal(1);
      expect(seriesOf(text, 'kept_outbox_pending{gateway="local"}')).to.be.within(0, 2);
      expect(text).not.to.match(/kept_metrics_source_up\{.*\} 0/);
      expect(text).not.to.include('TODO');
    }
    const promtool = programPath('promtool');
    if (promtool)
      for (const text of [ofBot, ofWorker])
        expect(runProgram(promtool, ['check', 'metrics'], text)).to.deep.equal({ status: 0, printed: '' });
  });

  it('are not at the port for workers in a process with a page, which says so', () => {
    const problem = `this process does not listen at KEPT_METRICS_PORT (${new URL(workerAt).port}): its metrics are at ${bot.url}/metrics`;
    const warned = readFileSync(logPath(site.dataDir), 'utf8')
      .split('\n')
      .filter((line) => line.includes('does not listen at KEPT_METRICS_PORT'))
      .map((line) => JSON.parse(line) as { readonly pid: number; readonly msg: string });
    expect(warned.map(({ pid, msg }) => [pid, msg])).to.deep.equal([[bot.child.pid, problem]]);
  });

  it('are left out by a worker whose port is taken, which keeps promises all the same; its log and the status say so', async () => {
    const second = await startKept(site, 'worker');
    const status = await until('both in the register', async () => {
      const { register } = JSON.parse((await runKept(site, ['status', '--json'])).stdout) as { readonly register: readonly Registered[] };
      const workers = register.filter(({ role, phase }) => role === 'worker' && phase === 'running');
      return workers.length === 2 && workers;
    });
    const { stdout } = await runKept(site, ['status']);
    await second.stop();
    const port = Number(new URL(workerAt).port);
    expect([worker, second].map(({ started }) => started.metricsUrl)).to.deep.equal([`${workerAt}/metrics`, undefined]);
    expect(status.map(({ pid, metrics }) => [pid, metrics])).to.have.deep.members([
      [worker.child.pid, { port, isServed: true }],
      [second.child.pid, { port, isServed: false }],
    ]);
    expect(stdout).to.match(new RegExp(`worker \\(PID ${worker.child.pid}\\).*, metrics at port ${port}`));
    expect(stdout).to.match(new RegExp(`worker \\(PID ${second.child.pid}\\).*, no metrics: port ${port} is taken`));
    const noticed = readFileSync(logPath(site.dataDir), 'utf8')
      .split('\n')
      .find((line) => line.includes('metrics of this process can not be read'));
    expect(JSON.parse(noticed ?? '{}')).to.include({ level: 'warn', pid: second.child.pid, waitMs: 30_000 });
    expect(await read(workerAt)).to.include('kept_process_info{role="worker"');
  });

  itWith('prometheus', 'are read by a real Prometheus, with the rules of deploy/', async (prometheus) => {
    const [port, tokenFile] = [await freePort(), join(site.root, 'token')];
    writeFileSync(tokenFile, TOKEN);
    const targets = [bot.url, workerAt].map((url) => new URL(url).host);
    const config = {
      global: { scrape_interval: '1s', evaluation_interval: '1s' },
      rule_files: [fileURLToPath(new URL('../../deploy/prometheus/rules.yml', import.meta.url))],
      scrape_configs: [{ job_name: 'kept', authorization: { credentials_file: tokenFile }, static_configs: [{ targets }] }],
    };
    const file = join(site.root, 'prometheus.json');
    writeFileSync(file, JSON.stringify(config));
    const args = [`--config.file=${file}`, `--storage.tsdb.path=${join(site.root, 'tsdb')}`, `--web.listen-address=127.0.0.1:${port}`];
    const child = spawn(prometheus, [...args, '--log.level=error'], { stdio: ['ignore', 'ignore', 'inherit'] });
    endWithUs(child);
    const exited = once(child, 'exit');
    try {
      const ask = async (
        path: string,
      ): Promise<{ readonly result?: never[]; readonly groups?: never[]; readonly activeTargets?: never[] }> => {
        const answer = await fetch(`http://127.0.0.1:${port}/api/v1/${path}`).catch(() => undefined);
        return answer?.ok ? ((await answer.json()) as { data: object }).data : {};
      };
      const series = async (
        query: string,
      ): Promise<readonly { readonly metric: Record<string, string>; readonly value: [number, string] }[]> =>
        (await ask(`query?query=${encodeURIComponent(query)}`)).result ?? [];
      await until('both are read', async () => (await series('up == 1')).length === 2);
      const promised = 'sum(kept_turns_total{outcome="promised"}) + sum(kept_promise_attempt_duration_seconds_count{end="complete"})';
      const [made] = await until('the promise, made and kept', async () => {
        const found = await series(promised);
        return found.length === 1 && found;
      });
      expect(made?.value[1]).to.equal('2');
      expect((await series('kept_process_info')).map(({ metric }) => metric.role).toSorted()).to.deep.equal(['bot', 'worker']);
      const rules = await until('rules are looked at', async () => {
        const [group] = ((await ask('rules')).groups ?? []) as {
          readonly rules: readonly { readonly name: string; readonly health: string }[];
        }[];
        return group?.rules.every(({ health }) => health === 'ok') && group.rules;
      });
      expect(rules).to.have.lengthOf(16);
      // Only what nothing has moved here has no answer. A rate has one from the second scrape on.
      await until('each query of the dashboard has an answer', async () => {
        const found = await Promise.all(
          dashboardQueries().map(async (query) => ({ query, result: (await ask(`query?query=${encodeURIComponent(query)}`)).result })),
        );
        expect(found.filter(({ result }) => result === undefined)).to.deep.equal([]);
        return found.every(({ query, result = [] }) => result.length > 0 || UNMOVED.test(query));
      });
    } finally {
      child.kill();
      await exited;
    }
  });
});

/** Tells on standard error of each file of prom-client, and of Telegram's client, that is loaded. */
const LOADS = `import { registerHooks } from 'node:module';
registerHooks({ load: (url, context, next) => { if (/\\/node_modules\\/(prom-client|telegram)\\//.test(url)) console.error('loads ' + url); return next(url, context); } });`;

describe('What metrics cost a process that nobody can ask', function () {
  this.timeout(30_000);

  for (const [name, port, loads] of [
    ['a worker without a port for metrics', undefined, false],
    ['a worker with one', freePort, true],
  ] as const)
    it(`${name} loads ${loads ? 'prom-client' : 'no prom-client'}`, async () => {
      const site = await makeSite({
        KEPT_MODELS: 'rehearsal',
        NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(LOADS)}`,
        ...(port ? { KEPT_METRICS_PORT: String(await port()) } : {}),
      });
      try {
        const worker = await startKept(site, 'worker');
        await worker.stop();
        expect(worker.errors().includes('/prom-client/'), worker.errors()).to.equal(loads);
        // No Telegram is configured.
        expect(worker.errors()).not.to.include('/telegram/');
      } finally {
        await site.remove();
      }
    });
});
