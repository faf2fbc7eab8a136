// Long because each rule has a row of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parse } from 'yaml';
import { METRIC_NAMES, specOf } from '../../src/adapters/prometheus/catalog.ts';
import { ALERT_RULE_IDS, ALERT_RULES, type AlertRuleId } from '../../src/domain/index.ts';
import { takeDirectory } from '../support/own-directory.ts';
import { itWith, runProgram } from '../support/programs.ts';

const place = (name: string): string => fileURLToPath(new URL(`../../deploy/prometheus/${name}`, import.meta.url));

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly rule?: AlertRuleId; readonly severity: string };
  readonly annotations: { readonly summary: string; readonly description: string };
}

const { groups } = parse(readFileSync(place('rules.yml'), 'utf8')) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const ruleOf = (id: AlertRuleId): Rule => rules.find(({ labels }) => labels.rule === id) ?? expect.fail(`no rule ${id}`);
const alertOf = (name: string): Rule => rules.find(({ alert }) => alert === name) ?? expect.fail(`no alert ${name}`);

/** What Prometheus alone can see. */
const BESIDE_KEPT = ['KeptAllDown', 'KeptBlind'];

const SECONDS = { s: 1, m: 60, h: 3_600 } as const;
const secondsOf = (span = '0s'): number => {
  const [, count, unit] = /^(\d+)([smh])$/.exec(span) ?? [];
  return Number(count) * SECONDS[unit as keyof typeof SECONDS];
};

/** What a rule of Prometheus says in other words than Kept: it counts by itself what Kept remembers. */
const OWN_WORDS: Partial<Record<AlertRuleId, { readonly threshold: number; readonly forSeconds: number; readonly why: string }>> = {
  'gateway.silent': { threshold: 1, forSeconds: 120, why: 'how long it has not been well counts to the time that it must be bad' },
  'process.lost': { threshold: 1, forSeconds: 60, why: '`up` is 0 where a process does not answer' },
};

interface Shown {
  readonly series: string;
  /** One value for each minute, as `promtool test rules` writes it. */
  readonly values: string;
}
interface Broken {
  /** What breaks exactly that rule. */
  readonly bad: readonly Shown[];
  /** The same at its threshold, or well. */
  readonly well: readonly Shown[];
  /** How many minutes it has been bad when the alert must be there. */
  readonly minutes: number;
  readonly subject?: Readonly<Record<string, string>>;
  /** The alerts that can't but fire with it. */
  readonly with?: readonly string[];
}

const of = (series: string, bad: string, well: string, minutes: number, subject: Readonly<Record<string, string>> = {}): Broken => ({
  bad: [{ series, values: bad }],
  well: [{ series, values: well }],
  minutes,
  subject,
});
const gauge = (name: string, bad: number, well: number, minutes: number, labels: Readonly<Record<string, string>> = {}): Broken =>
  of(`${name}{${written({ ...AT, ...labels })}}`, `${bad}x90`, `${well}x90`, minutes, labels);
const written = (labels: Readonly<Record<string, string>>): string =>
  Object.entries(labels)
    .map(([label, value]) => `${label}="${value}"`)
    .join(',');
const AT = { job: 'kept', instance: 'a:9000' } as const;
const shown = (name: string, values: string, labels: Readonly<Record<string, string>> = {}): Shown => ({
  series: `${name}{${written({ ...AT, ...labels })}}`,
  values,
});
const WELL_GATEWAY = shown('kept_gateway_up', '1x90', { gateway: 'telegram' });
const RUNS = 'kept_agent_run_duration_seconds_count';
const TURNS = 'kept_turn_duration_seconds';
const runs = (outcome: string, values: string): Shown => ({ series: `${RUNS}{${written({ ...AT, agent: 'baker', outcome })}}`, values });
const turns = (seconds: number): readonly Shown[] => [
  { series: `${TURNS}_sum{${written(AT)}}`, values: `0+${seconds * 10}x90` },
  { series: `${TURNS}_count{${written(AT)}}`, values: '0+10x90' },
];

/** Breaks exactly what a rule looks at. The compiler asks for each of them. */
const TABLE: Readonly<Record<AlertRuleId, Broken>> = {
  'service.errors': {
    bad: [runs('done', '0+94x90'), runs('failed', '0+4x90'), runs('timeout', '0+2x90'), runs('stopped', '0+500x90')],
    well: [runs('done', '0+96x90'), runs('failed', '0+4x90'), runs('paused', '0+500x90')],
    minutes: 4,
  },
  'service.response': { bad: turns(5.1), well: turns(5), minutes: 4 },
  // Well every other minute: it is never silent.
  'service.availability': {
    ...of(
      `kept_gateway_up{${written({ ...AT, gateway: 'telegram' })}}`,
      Array.from({ length: 90 }, (_, at) => at % 2).join(' '),
      '1x90',
      3,
    ),
  },
  'queue.oldest-due': of(`kept_promise_oldest_due_seconds{${written(AT)}}`, '301x90', '300x90', 2),
  'queue.undelivered': gauge('kept_promises_undelivered', 1, 0, 3),
  'queue.webhooks': of(`kept_webhook_oldest_seconds{${written(AT)}}`, '901x90', '900x90', 2),
  'queue.worker': { ...gauge('kept_processes', 0, 1, 3, { role: 'worker' }), subject: {} },
  // Another process answers.
  'process.lost': {
    bad: [shown('up', '0x90'), shown('up', '1x90', { instance: 'b:9101' }), WELL_GATEWAY],
    well: [shown('up', '1x90'), WELL_GATEWAY],
    minutes: 2,
    subject: { instance: AT.instance },
  },
  'process.restarts': gauge('kept_process_restarts', 5, 4, 1, { role: 'worker', host: 'box' }),
  'gateway.silent': { ...gauge('kept_gateway_up', 0, 1, 3, { gateway: 'telegram' }), with: ['KeptNotAvailable'] },
  'gateway.flood-wait': gauge('kept_flood_wait_seconds', 61, 60, 2, { gateway: 'telegram' }),
  'budget.used': gauge('kept_budget_used_ratio', 0.91, 0.9, 1, { budget: 'budget' }),
  'storage.disk': {
    bad: [
      { series: `kept_disk_free_bytes{${written(AT)}}`, values: '4x90' },
      { series: `kept_disk_size_bytes{${written(AT)}}`, values: '100x90' },
    ],
    well: [
      { series: `kept_disk_free_bytes{${written(AT)}}`, values: '5x90' },
      { series: `kept_disk_size_bytes{${written(AT)}}`, values: '100x90' },
    ],
    minutes: 3,
    subject: { instance: AT.instance },
  },
  // Tests of rules begin in 1970: the backup was made the day before.
  'storage.backup': of(`kept_backup_timestamp_seconds{${written(AT)}}`, '-93600x90', '-89000x90', 1),
};

/** Tests for `promtool`: the alert fires when it must, not before, and not where all is well. */
const testsOf = (rule: Rule, { minutes, subject = {}, with: others = [], ...broken }: Broken) => {
  const { alert, labels, for: bad } = rule;
  const there = written({ __name__: 'ALERTS', alertname: alert, alertstate: 'firing', job: AT.job, ...labels, ...subject });
  const at = (minute: number, isThere: boolean) => ({
    expr: `ALERTS{alertstate="firing",alertname!~"${others.join('|')}"}`,
    eval_time: `${minute}m`,
    exp_samples: isThere ? [{ labels: `{${there}}`, value: 1 }] : [],
  });
  const test = (name: 'bad' | 'well', tests: readonly object[]) => ({
    name: `${alert}: ${name}`,
    interval: '1m',
    promql_expr_test: tests,
    input_series: broken[name].map(({ series, values }) => ({ series, values })),
  });
  const early = Math.ceil(secondsOf(bad) / 60) - 1;
  return [test('bad', [...(early >= 0 ? [at(early, false)] : []), at(minutes, true)]), test('well', [at(minutes, false), at(70, false)])];
};

/** The alerts that fire at some minutes, by those series. */
const firingAt = (
  name: string,
  input: readonly Shown[],
  expected: Readonly<Record<number, readonly string[]>>,
  interval: '1m' | '15s' = '1m',
) => ({
  name,
  interval,
  input_series: input,
  promql_expr_test: Object.entries(expected).map(([minute, alerts]) => ({
    expr: 'count by (alertname) (ALERTS{alertstate="firing"})',
    eval_time: `${minute}m`,
    exp_samples: alerts.map((alert) => ({ labels: `{alertname="${alert}"}`, value: 1 })),
  })),
});

const requirePassed = (promtool: string, tests: readonly object[]): void => {
  const file = join(takeDirectory('rules'), 'test.json');
  writeFileSync(file, JSON.stringify({ rule_files: [place('rules.yml')], evaluation_interval: '30s', tests }));
  const { status, printed } = runProgram(promtool, ['test', 'rules', file]);
  expect(status, printed).to.equal(0);
  expect(printed).to.include('SUCCESS');
};

describe('The rules for Prometheus', () => {
  it('are those of Kept, with the same thresholds, times, severities, titles and commands', () => {
    expect(rules.flatMap(({ labels }) => labels.rule ?? [])).to.deep.equal([...ALERT_RULE_IDS]);
    expect(rules.filter(({ labels }) => labels.rule === undefined).map(({ alert }) => alert)).to.deep.equal(BESIDE_KEPT);
    for (const id of ALERT_RULE_IDS) {
      const { expr, for: bad, labels, annotations } = ruleOf(id);
      const { title, settings, advice } = ALERT_RULES[id];
      for (const [command] of advice().matchAll(/`kept [^`]+`/g)) expect(annotations.description, id).to.include(command);
      const own = OWN_WORDS[id];
      const threshold = own?.threshold ?? settings.threshold;
      expect(expr, id).to.match(new RegExp(`[<>] ${threshold}(\\n|$)`));
      expect(secondsOf(bad), id).to.equal(own?.forSeconds ?? settings.forMs / 1_000);
      expect([labels.severity, annotations.summary], id).to.deep.equal([settings.severity, title]);
      if (settings.windowMs !== undefined && /\[/.test(expr))
        expect(expr, id).to.include(`[${settings.windowMs / 60_000 === 60 ? '1h:' : `${settings.windowMs / 60_000}m]`}`);
    }
  });

  it('ask for metrics that there are', () => {
    for (const { alert, expr } of rules)
      for (const [name] of expr.matchAll(/\bkept_[a-z_]+/g)) {
        const known = METRIC_NAMES.find((each) => name === each || (specOf(each).buckets && name.startsWith(`${each}_`)));
        expect(known, `${alert} asks for ${name}`).not.to.equal(undefined);
      }
  });

  itWith('promtool', 'are read by Prometheus, with its configuration', (promtool) => {
    for (const args of [
      ['check', 'rules', place('rules.yml')],
      ['check', 'config', place('prometheus.yml')],
    ]) {
      const { status, printed } = runProgram(promtool, args);
      expect(status, printed).to.equal(0);
      expect(printed).to.include('SUCCESS');
    }
  });

  for (const id of ALERT_RULE_IDS)
    itWith('promtool', `fire for ${id} when exactly that is bad for long enough, and else not`, (promtool) =>
      requirePassed(promtool, testsOf(ruleOf(id), TABLE[id])),
    );

  itWith('promtool', 'see that the metrics of a process are not whole', (promtool) =>
    requirePassed(
      promtool,
      testsOf(alertOf('KeptBlind'), {
        bad: [shown('kept_metrics_source_up', '0x90', { source: 'promises' }), shown('kept_metrics_source_up', '1x90', { source: 'disk' })],
        well: [shown('kept_metrics_source_up', '1x90', { source: 'promises' })],
        minutes: 3,
        subject: { source: 'promises' },
      }),
    ),
  );

  itWith('promtool', 'count as not available when no bot tells of its gateways', (promtool) => {
    const worker = { instance: 'b:9101' };
    // For an hour all is well. Then series end, as they do when a process no longer answers.
    const gone = (series: Shown): Shown => ({ ...series, values: '1x60 stale _x30' });
    requirePassed(promtool, [
      firingAt(
        'the bot is dead, a worker lives',
        [
          gone(WELL_GATEWAY),
          shown('up', '1x60 0x30'),
          shown('up', '1x90', worker),
          shown('kept_processes', '1x90', { ...worker, role: 'worker' }),
        ],
        { 60: [], 62: ['KeptDown'], 66: ['KeptDown', 'KeptNotAvailable'], 89: ['KeptDown', 'KeptNotAvailable'] },
      ),
      firingAt('all are dead', [gone(WELL_GATEWAY), shown('up', '1x60 0x30'), gone(shown('kept_processes', '', { role: 'start' }))], {
        60: [],
        62: ['KeptAllDown', 'KeptDown'],
        66: ['KeptAllDown', 'KeptDown', 'KeptNotAvailable'],
      }),
      firingAt('the bot lives, and stands by for nobody', [gone(WELL_GATEWAY), shown('up', '1x90')], { 60: [], 66: ['KeptNotAvailable'] }),
      firingAt(
        'a bot is dead, and another one has taken over',
        [
          gone(WELL_GATEWAY),
          shown('up', '1x60 0x30'),
          shown('up', '1x90', worker),
          shown('kept_gateway_up', '_x61 1x30', { ...worker, gateway: 'telegram' }),
        ],
        { 60: [], 64: ['KeptDown'], 89: ['KeptDown'] },
      ),
      firingAt(
        'the database hangs, and what hangs on it is absent',
        [
          WELL_GATEWAY,
          shown('up', '1x90'),
          gone(shown('kept_processes', '', { role: 'start' })),
          gone(shown('kept_promise_oldest_due_seconds', '')),
          shown('kept_metrics_source_up', '1x60 0x30', { source: 'processes' }),
        ],
        { 60: [], 64: ['KeptBlind'], 89: ['KeptBlind'] },
      ),
    ]);
  });

  itWith('promtool', 'take no start and no restart of a minute for a time that is not available', (promtool) => {
    const started = (before: string): readonly Shown[] => [
      shown('up', `${before} 1x320`),
      shown('kept_gateway_up', `${before.replaceAll('0', 'stale')} 1x320`, { gateway: 'telegram' }),
    ];
    const never = { 1: [], 3: [], 5: [], 10: [], 30: [], 50: [], 75: [] };
    const deadFor = (minutes: number): string => `1x239 ${Array.from({ length: minutes * 4 }, () => '0').join(' ')}`;
    requirePassed(promtool, [
      firingAt('a first start that is not there yet for a scrape', started('0'), never, '15s'),
      firingAt('a first start that is not there yet for 45 seconds', started('0 0 0'), never, '15s'),
      firingAt(
        'an hour well, then a restart of a minute',
        started(deadFor(1)),
        { ...never, 60: [], 61: [], 62: [], 63: [], 65: [] },
        '15s',
      ),
      firingAt(
        'an hour well, then dead for 5 minutes',
        started(deadFor(5)),
        { 60: [], 64: ['KeptAllDown', 'KeptDown'], 66: ['KeptNotAvailable'], 75: ['KeptNotAvailable'] },
        '15s',
      ),
      firingAt(
        'a gateway that is not well from the first start, for a minute',
        [shown('up', '1x320'), shown('kept_gateway_up', '0 0 0 0 1x320', { gateway: 'telegram' })],
        { 1: [], 4: ['KeptNotAvailable'], 50: ['KeptNotAvailable'], 75: [] },
        '15s',
      ),
    ]);
  });
});
