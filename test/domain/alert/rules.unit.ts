import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import {
  ALERT_RULE_IDS,
  ALERT_RULES,
  type AlertRuleId,
  builtInAlertRules,
  isBadBy,
  judgeValue,
  worstFirst,
} from '../../../src/domain/alert/rules.ts';
import { thresholdWords, valueWords } from '../../../src/domain/alert/words.ts';

/** For each rule with its built-in threshold: a value that is bad, one that is neither, and one that is well. */
const TABLE: Readonly<Record<AlertRuleId, readonly [bad: number, between: number | undefined, well: number, words: string]>> = {
  'service.errors': [0.051, 0.05, 0.04, 'above 5 %'],
  'service.response': [5.1, 5, 4, 'above 5 s'],
  'service.availability': [0.9899, 0.991, 0.9921, 'below 99 %'],
  'queue.oldest-due': [301, 300, 240, 'above 5 min'],
  'queue.undelivered': [1, undefined, 0, 'above 0'],
  'queue.webhooks': [901, 900, 720, 'above 15 min'],
  'queue.worker': [0, undefined, 1, 'below 1'],
  'process.lost': [1, undefined, 0, 'above 0'],
  'process.restarts': [5, 4, 3, 'above 4'],
  'gateway.silent': [61, 60, 48, 'above 1 min'],
  'gateway.flood-wait': [61, 60, 48, 'above 1 min'],
  'budget.used': [0.91, 0.9, 0.72, 'above 90 %'],
  'storage.disk': [0.049, 0.05, 0.06, 'below 5 %'],
  'storage.backup': [93_601, undefined, 93_600, 'above 26 h'],
};

describe('ALERT_RULES', () => {
  for (const id of ALERT_RULE_IDS)
    it(`judges values of ${id}`, () => {
      const { threshold } = ALERT_RULES[id].settings;
      const [bad, between, well, words] = TABLE[id];
      assert.equal(judgeValue(id, threshold, bad), 'bad');
      if (between !== undefined) assert.equal(judgeValue(id, threshold, between), 'between');
      assert.equal(judgeValue(id, threshold, well), 'well');
      assert.equal(thresholdWords(id, threshold), words);
    });

  for (const id of ALERT_RULE_IDS)
    it(`takes no value of ${id} for bad while the rule is off`, () => {
      const rules = builtInAlertRules();
      const [bad, , well] = TABLE[id];
      assert.deepEqual([isBadBy(id, rules[id], bad), isBadBy(id, rules[id], well)], [true, false]);
      assert.equal(isBadBy(id, { ...rules[id], severity: 'off' }, bad), false);
    });

  for (const id of ALERT_RULE_IDS)
    it(`puts the worst value of ${id} first, and what is not known last`, () => {
      const [bad, , well] = TABLE[id];
      const values = [undefined, well, Number.NaN, bad, well].map((value) => ({ value }));
      assert.deepEqual(
        worstFirst(id, values).map(({ value }) => value),
        [bad, well, well, undefined, Number.NaN],
      );
    });

  it('has the thresholds of the operations guide', () => {
    const rules = builtInAlertRules();
    assert.equal(rules['service.errors'].threshold, 0.05);
    assert.equal(rules['service.response'].threshold, 5);
    assert.equal(rules['service.availability'].threshold, 0.99);
  });
});

describe('the words of alerts', () => {
  it('name values by the unit of their rule', () => {
    assert.deepEqual([valueWords('share', 0.075), valueWords('seconds', 12), valueWords('number', 3)], ['7.5 %', '12 s', '3']);
  });
});
