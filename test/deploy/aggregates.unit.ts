import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { METRIC_NAMES, specOf } from '../../src/adapters/prometheus/catalog.ts';

const read = (name: string): string => readFileSync(new URL(`../../deploy/${name}`, import.meta.url), 'utf8');

const dashboard = JSON.parse(read('grafana/kept.json')) as {
  readonly panels: readonly { readonly targets?: readonly { readonly expr: string }[] }[];
};
const rules = parse(read('prometheus/rules.yml')) as {
  readonly groups: readonly { readonly rules: readonly { readonly expr: string }[] }[];
};

/** What puts the values of a metric together, right before its name: over time first, then over processes. */
const BEFORE = /(?:\b(sum|min|max|avg|count)\s*(?:by \(([^)]*)\)\s*)?\(\s*)?(?:\b(rate|increase|\w+_over_time)\(\s*)?$/;

/** How an expression combines the values of processes, each time that it names the metric; `none` if it does not. */
const combined = (expression: string, metric: string): readonly string[] =>
  [...expression.matchAll(new RegExp(`\\b${metric}(?:_bucket|_sum|_count)?(?![a-z_])`, 'g'))].map(({ index }) => {
    const [, by, labels = ''] = BEFORE.exec(expression.slice(0, index)) ?? [];
    // A count is of processes: their values are not combined.
    return by === undefined || by === 'count' || labels.split(/, */).includes('instance') ? 'none' : by;
  });

describe('What combines the values of several processes', () => {
  const expressions = [
    ...dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
    ...rules.groups.flatMap((group) => group.rules.map(({ expr }) => expr)),
  ];

  for (const metric of METRIC_NAMES)
    it(`combines ${metric} as its reference says`, () => {
      const { aggregate, type } = specOf(metric);
      if (type !== 'gauge') expect(aggregate).to.equal('sum');
      const ways = expressions.flatMap((expression) => combined(expression, metric).map((way) => ({ expression, way })));
      expect(ways).to.have.lengthOf.above(0);
      // Of values that could be combined, each may be shown, or how many are bad.
      const allowed = aggregate === 'min' ? ['min', 'none'] : [aggregate];
      for (const { expression, way } of ways) expect(allowed, expression).to.include(way);
    });

  it('is seen in each form that an expression has', () => {
    expect(combined('max by (job) (kept_x{job="a"}) + sum(max by (role, x) (kept_x))', 'kept_x')).to.deep.equal(['max', 'max']);
    expect(combined('sum by (job) (rate(kept_x_count[5m])) / sum (\n increase(kept_x_sum[5m]))', 'kept_x')).to.deep.equal(['sum', 'sum']);
    expect(combined('kept_x / kept_y or min by (job, instance) (kept_x) or count(kept_x < 1)', 'kept_x')).to.deep.equal([
      'none',
      'none',
      'none',
    ]);
    expect(combined('max by (job) (max_over_time(kept_x[2m])) or kept_x_other', 'kept_x')).to.deep.equal(['max']);
  });
});
