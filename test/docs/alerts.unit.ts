import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { alertsReference } from '../../scripts/alerts-reference.ts';
import { readAlerts } from '../../src/config/alerts.ts';
import { ALERT_RULE_IDS } from '../../src/domain/index.ts';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

describe('The reference of alerts', () => {
  it('is what the rules are: node scripts/alerts-reference.ts writes it', () => {
    expect(read('docs/reference/alerts.md')).to.equal(alertsReference());
  });

  it('names each rule, and shows settings that can be read', () => {
    const text = read('docs/reference/alerts.md');
    for (const id of ALERT_RULE_IDS) expect(text).to.include(`| \`${id}\` |`);
    const examples = [text, read('docs/how-to/be-alerted.md')].flatMap((page) => [...page.matchAll(/```json\n([\s\S]*?)```/g)]);
    const settings = examples.map(([, json = '']) => json).filter((json) => json.includes('"rules"'));
    expect(settings.length).to.be.greaterThan(1);
    for (const json of settings) expect(readAlerts('config/alerts.json', json).problems, json).to.deep.equal([]);
  });
});
