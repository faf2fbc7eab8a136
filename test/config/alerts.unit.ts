import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { alertsBeside, readAlerts } from '../../src/config/alerts.ts';
import { ALERT_RULE_IDS, builtInAlertRules } from '../../src/domain/alert/rules.ts';

const FILE = 'config/alerts.json';
const read = (rules: unknown) => readAlerts(FILE, JSON.stringify({ rules }));
const shown = (content: unknown, text = JSON.stringify(content)) =>
  readAlerts(FILE, text).problems.map(({ place, problem, hint }) => `${place}: ${problem} (${hint})`);

describe('The file of alerts', () => {
  it('is shipped with every rule, as it is built in', () => {
    const text = readFileSync('config/alerts.json', 'utf8');
    const { rules, problems } = readAlerts(FILE, text);
    expect(problems).to.deep.equal([]);
    expect(rules).to.deep.equal(builtInAlertRules());
    expect(Object.keys((JSON.parse(text) as { rules: object }).rules)).to.deep.equal(ALERT_RULE_IDS);
  });

  it('stands beside the file of workspaces', () => {
    expect(alertsBeside('/srv/kept/workspaces.json')).to.equal('/srv/kept/alerts.json');
  });

  it('changes what it names, and leaves the rest as it is built in', () => {
    const { rules, problems } = read({
      'service.errors': { threshold: 0.2, window: '1h30m' },
      'queue.worker': { severity: 'off' },
      'gateway.silent': { for: '0s', cooldown: '2h' },
    });
    const built = builtInAlertRules();
    expect(problems).to.deep.equal([]);
    expect(rules).to.deep.equal({
      ...built,
      'service.errors': { ...built['service.errors'], threshold: 0.2, windowMs: 90 * 60_000 },
      'queue.worker': { ...built['queue.worker'], severity: 'off' },
      'gateway.silent': { ...built['gateway.silent'], forMs: 0, cooldownMs: 2 * 3_600_000 },
    });
  });

  const NO_RULES =
    'write {"rules": {"service.errors": {"threshold": 0.05, "window": "5m", "for": "2m", "cooldown": "30m", "severity": "error"}}}';
  const rows: readonly (readonly [title: string, rules: unknown, problem: string])[] = [
    [
      'an unknown rule that is nearly one',
      { 'service.error': {} },
      'service.error: this rule is not known (did you mean "service.errors"?)',
    ],
    ['an unknown rule', { moon: {} }, `moon: this rule is not known (the rules are ${ALERT_RULE_IDS.join(', ')})`],
    [
      'an unknown key',
      { 'service.errors': { treshold: 0.1 } },
      'service.errors.treshold: this key is not known (did you mean "threshold"?)',
    ],
    [
      'a rule that is no object',
      { 'queue.worker': null },
      'queue.worker: this must be an object in { } (write {"threshold": …}, or {"severity": "off"} where nobody wants this alert)',
    ],
    [
      'a threshold in quotes',
      { 'queue.worker': { threshold: '1' } },
      'queue.worker.threshold: this must be a number (a number without quotes, such as 1)',
    ],
    [
      'a share in per cent',
      { 'service.errors': { threshold: 5 } },
      'service.errors.threshold: this is not from 0 to 1 (write 0.05 for 5 %)',
    ],
    [
      'a negative threshold',
      { 'service.response': { threshold: -1 } },
      'service.response.threshold: this is not from 0 to 31622400 (in seconds, without quotes: write 300 for 5 minutes)',
    ],
    [
      'a span that is none',
      { 'service.errors': { window: '5 minutes' } },
      'service.errors.window: this is no span of time (write a span in quotes, from 1m to 7d: "90s", "5m", "12h")',
    ],
    [
      'a span without its unit',
      { 'service.errors': { for: 120 } },
      'service.errors.for: this is no span of time (write it with its unit in quotes: "120s" or "120m")',
    ],
    [
      'a window longer than what is kept',
      { 'service.errors': { window: '8d' } },
      'service.errors.window: this is not from 1m to 7d (write a span in quotes, from 1m to 7d: "90s", "5m", "12h")',
    ],
    [
      'a window of a rule that has none',
      { 'queue.worker': { window: '5m' } },
      'queue.worker.window: this rule looks at the present: its window has no effect (leave it out)',
    ],
    [
      'an unknown severity',
      { 'queue.worker': { severity: 'critcal' } },
      'queue.worker.severity: this is no severity (did you mean "critical"?)',
    ],
  ];
  for (const [title, rules, problem] of rows)
    it(`has ${title} reported: what, where, how to fix it`, () => {
      expect(shown({ rules })).to.deep.equal([`${FILE}: rules.${problem}`]);
      expect(read(rules).rules).to.deep.equal(builtInAlertRules());
    });

  it('has what is beside the rules, or instead of them, reported', () => {
    expect(shown({ 'service.errors': {} })).to.deep.equal([`${FILE}: service.errors: this key is not known (move it into "rules")`]);
    expect(shown({ rule: {} })).to.deep.equal([`${FILE}: rule: this key is not known (known here: rules)`]);
    expect(shown([])).to.deep.equal([`${FILE}: this must be an object in { } (${NO_RULES})`]);
    expect(shown({ rules: [] })).to.deep.equal([`${FILE}: rules: this must be an object in { } (${NO_RULES})`]);
    expect(shown({})).to.deep.equal([]);
  });

  it('has faults of its syntax reported with their places, and a name that stands twice', () => {
    expect(shown(undefined, '{"rules": {,}}')).to.have.length(1);
    expect(shown(undefined, '{"rules": {"queue.worker": {}, "queue.worker": {}}}')[0]).to.match(
      /^config\/alerts\.json: line 1, column 32: /,
    );
    expect(shown(undefined, '\uFEFF{"rules": {}}')).to.deep.equal([]);
  });

  it('knows no rule by the names that every object has', () => {
    for (const name of ['constructor', 'toString']) expect(read({ [name]: {} }).problems).to.have.length(1);
  });
});
