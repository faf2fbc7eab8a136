import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { grafanaDashboard } from '../../scripts/grafana-dashboard.ts';
import { METRIC_NAMES, type MetricName, specOf } from '../../src/adapters/prometheus/catalog.ts';
import { OWN_METRICS } from '../../src/adapters/prometheus/process-metrics.ts';
import { takeDirectory } from '../support/own-directory.ts';
import { itWith, runProgram } from '../support/programs.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string; readonly instant?: boolean }[];
}

const dashboard = JSON.parse(readFileSync(new URL('../../deploy/grafana/kept.json', import.meta.url), 'utf8')) as {
  readonly panels: readonly Panel[];
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map((target) => ({ title, ...target })));

/** What Grafana puts in the place of its variables. */
const asAsked = (expression: string): string => expression.replaceAll('$__rate_interval', '1m').replaceAll('$job', '.+');

const metricOf = (written: string): MetricName | undefined =>
  METRIC_NAMES.find((name) => name === written) ??
  METRIC_NAMES.find((name) => specOf(name).type === 'histogram' && new RegExp(`^${name}_(bucket|sum|count)$`).test(written));

describe('The dashboard for Grafana', () => {
  it('is what its script says: node scripts/grafana-dashboard.ts writes it', () => {
    expect(dashboard).to.deep.equal(JSON.parse(grafanaDashboard()));
  });

  it('asks for metrics and labels that there are, and for each metric', () => {
    const seen = new Set<string>();
    for (const { title, expr, legendFormat } of queries)
      for (const [, written = ''] of expr.matchAll(/\b((?:kept|process|nodejs)_[a-z_]+)/g)) {
        const name = metricOf(written);
        if (name) seen.add(name);
        else if (OWN_METRICS.includes(written)) seen.add(written);
        else if (written !== 'process_restarts') expect.fail(`${title} asks for ${written}`);
        if (!name) continue;
        const known = [...Object.keys(specOf(name).labels), 'job', 'instance', 'le'];
        const asked = [...expr.matchAll(/by \(([^)]*)\)|[{,](\w+)(?:=|!)~?"/g)].flatMap(([, by, only]) => (by ?? only ?? '').split(/, */));
        for (const label of asked) expect(known, `${title}: ${expr}`).to.include(label);
        for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(known, `${title}: ${legendFormat}`).to.include(label);
      }
    expect(METRIC_NAMES.filter((name) => !seen.has(name))).to.deep.equal([]);
  });

  it('shows in its numbers what is so now, not the last that a dead process has told', () => {
    const ofNow = dashboard.panels.filter(({ type }) => type === 'stat');
    expect(ofNow).to.have.lengthOf.above(3);
    for (const { title, targets = [] } of ofNow) for (const { instant } of targets) expect(instant, title).to.equal(true);
  });

  it('has panels with ids of their own that do not overlap', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).to.equal(dashboard.panels.length);
    const taken = new Map<string, string>();
    for (const { title, gridPos } of dashboard.panels)
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x).to.be.below(24);
          expect(taken.get(`${x} ${y}`), `${title} at ${x} ${y}`).to.equal(undefined);
          taken.set(`${x} ${y}`, title);
        }
  });

  itWith('promtool', 'asks in words that Prometheus understands', (promtool) => {
    const file = join(takeDirectory('dashboard'), 'rules.yml');
    const rules = queries.map(({ expr }, at) => ({ record: `panel_${at}`, expr: asAsked(expr) }));
    writeFileSync(file, JSON.stringify({ groups: [{ name: 'panels', rules }] }));
    const { status, printed } = runProgram(promtool, ['check', 'rules', file]);
    expect(status, printed).to.equal(0);
    expect(printed).to.include(`${queries.length} rules found`);
  });
});
