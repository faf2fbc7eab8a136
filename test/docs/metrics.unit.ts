import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { metricsReference } from '../../scripts/metrics-reference.ts';
import { METRIC_NAMES } from '../../src/adapters/prometheus/catalog.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Names and labels that other systems build on. */
const FIXED = [
  'kept_messages_received_total{gateway,verdict}',
  'kept_turn_duration_seconds',
  'kept_model_request_duration_seconds{model,outcome}',
  'kept_model_tokens_total{model,kind}',
  'kept_tool_duration_seconds{tool,outcome}',
  'kept_promises{status}',
  'kept_promise_oldest_due_seconds',
  'kept_outbox_pending{gateway}',
  'kept_gateway_up{gateway}',
  'kept_flood_wait_seconds{gateway}',
];

describe('The reference of metrics', () => {
  it('is what the catalog says: node scripts/metrics-reference.ts writes it', () => {
    expect(read('docs/reference/metrics.md')).to.equal(metricsReference());
  });

  it('keeps the names and the labels that others build on', () => {
    const rows = metricsReference().split('\n');
    for (const fixed of FIXED) {
      const [, name = '', labels] = /^(\w+)(?:\{(.+)\})?$/.exec(fixed) ?? [];
      const told = rows.find((row) => row.startsWith(`| \`${name}\` |`))?.split(' | ')[3] ?? 'no row';
      expect(
        [...told.matchAll(/(?:^|; )`(\w+)`/g)].map(([, label]) => label),
        name,
      ).to.deep.equal(labels?.split(',') ?? []);
    }
  });

  it('knows every metric that the how-to names', () => {
    const named = new Set(read('docs/how-to/monitor.md').match(/\bkept_[a-z_]+/g) ?? []);
    expect(named.size).to.be.greaterThan(5);
    for (const name of named) expect(METRIC_NAMES).to.include(name.replace(/_(bucket|sum|count)$/, ''));
  });
});
