/** Long because each way of an alert through time has its row here. */
import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import {
  ALERT_RETENTION_MS,
  type AlertReading,
  type AlertReadings,
  type AlertRecord,
  alertOf,
  alertState,
  MAX_SUBJECTS,
  stepAlerts,
} from '../../../src/domain/alert/evaluate.ts';
import { type AlertRules, type AlertSettings, builtInAlertRules } from '../../../src/domain/alert/rules.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const NOON = Date.UTC(2026, 10, 30, 12);

/** Errors above 5 %, for two minutes, at most every half hour. */
const settings: AlertSettings = { threshold: 0.05, windowMs: 5 * MINUTE, forMs: 2 * MINUTE, cooldownMs: 30 * MINUTE, severity: 'error' };
const rulesWith = (changes: Partial<AlertSettings> = {}): AlertRules => ({
  ...builtInAlertRules(),
  'service.errors': { ...settings, ...changes },
});
const KEY = 'service.errors';
const errors = (value: number | undefined): AlertReadings => ({ 'service.errors': [value === undefined ? {} : { value }] });

/** Looks every 15 s, and keeps what was told. */
const makeWatch = (rules: AlertRules = rulesWith()) => {
  let [records, now]: [readonly AlertRecord[], number] = [[], NOON];
  const told: string[] = [];
  let stored = 0;
  const look = (readings: AlertReadings, stepMs = 15 * SECOND): void => {
    now += stepMs;
    const step = stepAlerts(records, readings, { rules, now });
    ({ records } = step);
    stored += step.changed.length + step.removed.length > 0 ? 1 : 0;
    const at = (now - NOON) / SECOND;
    told.push(...step.fired.map(({ key }) => `${at}: ${key} fires`), ...step.resolved.map(({ key }) => `${at}: ${key} is over`));
  };
  return {
    told,
    look,
    /** The same reading for that long. */
    during: (ms: number, readings: AlertReadings): void => {
      for (let passed = 0; passed < ms; passed += 15 * SECOND) look(readings);
    },
    /** The process is down. */
    away: (ms: number): void => {
      now += ms;
    },
    get record(): AlertRecord | undefined {
      return records.find(({ key }) => key === KEY);
    },
    get records() {
      return records;
    },
    get stored() {
      return stored;
    },
    get now() {
      return now;
    },
  };
};

describe('stepAlerts', () => {
  it('fires after it was bad for as long as the rule says, and is over after it was well for as long', () => {
    const watch = makeWatch();
    watch.during(MINUTE, errors(0.01));
    assert.deepEqual(watch.records, []);
    watch.during(10 * MINUTE, errors(0.2));
    assert.equal(watch.record && alertState(watch.record), 'firing');
    watch.during(10 * MINUTE, errors(0.01));
    assert.deepEqual(watch.told, ['195: service.errors fires', '795: service.errors is over']);
    const alert = watch.record && alertOf(watch.record);
    assert.deepEqual(alert, {
      status: 'resolved',
      key: KEY,
      title: 'Too many errors',
      detail: 'It is 20 %. Threshold: above 5 %. Look at `kept stats --by agent`, `kept logs --level warn` and `kept health`.',
      severity: 'error',
      startedAt: NOON + 75 * SECOND,
      resolvedAt: NOON + 675 * SECOND,
    });
  });

  it('does not fire for what is bad for a shorter time, and remembers nothing of it', () => {
    const watch = makeWatch();
    for (let turn = 0; turn < 5; turn++) {
      watch.during(1.75 * MINUTE, errors(0.2));
      watch.during(15 * SECOND, errors(0.01));
    }
    assert.deepEqual(watch.told, []);
    assert.deepEqual(watch.records, []);
  });

  it('takes neither the threshold itself nor what is between for bad, and does not end an alert by it', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.05));
    assert.deepEqual(watch.records, []);
    watch.during(5 * MINUTE, errors(0.051));
    watch.during(30 * MINUTE, errors(0.045));
    assert.deepEqual(watch.told, ['435: service.errors fires']);
    watch.during(3 * MINUTE, errors(0.04));
    assert.equal(watch.told.length, 2);
  });

  it('is over only after it was well without a break', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.2));
    for (let turn = 0; turn < 20; turn++) {
      watch.during(1.75 * MINUTE, errors(0.01));
      watch.look(errors(0.2));
    }
    assert.deepEqual(watch.told, ['135: service.errors fires']);
  });

  it('takes no data for neither bad nor well', () => {
    for (const unknown of [errors(undefined), errors(Number.NaN), {}]) {
      const [quiet, firing, pending] = [makeWatch(), makeWatch(), makeWatch()];
      quiet.during(10 * MINUTE, unknown);
      assert.deepEqual(quiet.records, []);
      firing.during(5 * MINUTE, errors(0.2));
      firing.during(60 * MINUTE, unknown);
      assert.equal(firing.record && alertState(firing.record), 'firing');
      pending.during(MINUTE, errors(0.2));
      pending.during(3 * MINUTE, unknown);
      assert.deepEqual(pending.told, []);
      // What was bad before goes on to count.
      pending.during(1.5 * MINUTE, errors(0.2));
      assert.equal(pending.told.length, 1);
      pending.during(15 * MINUTE, unknown);
      const forgets = makeWatch();
      forgets.during(MINUTE, errors(0.2));
      forgets.during(11 * MINUTE, unknown);
      assert.deepEqual(forgets.records, []);
    }
  });

  it('ends an alert where nothing happens any more, and begins none by it', () => {
    const idle: AlertReadings = { 'service.errors': [{ found: 'No agent ran.', isIdle: true }] };
    const [quiet, pending, firing] = [makeWatch(), makeWatch(), makeWatch()];
    quiet.during(10 * MINUTE, idle);
    pending.during(MINUTE, errors(0.2));
    pending.look(idle);
    assert.deepEqual([quiet.records, pending.records], [[], []]);
    firing.during(5 * MINUTE, errors(0.2));
    firing.look(idle);
    assert.deepEqual(firing.told, ['135: service.errors fires', '315: service.errors is over']);
  });

  it('fires again after its cool-down alone, counted from the firing before', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.2));
    watch.during(5 * MINUTE, errors(0));
    watch.during(40 * MINUTE, errors(0.2));
    assert.deepEqual(watch.told, ['135: service.errors fires', '435: service.errors is over', '1935: service.errors fires']);
    // It began to be bad long before the second firing.
    assert.equal(watch.record?.incident?.startedAt, NOON + 615 * SECOND);
  });

  it('keeps what was known in its cool-down where the second time ends within it', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.2));
    watch.during(5 * MINUTE, errors(0));
    watch.during(5 * MINUTE, errors(0.2));
    assert.equal(watch.record && alertState(watch.record), 'pending');
    watch.during(30 * MINUTE, errors(0));
    assert.equal(watch.told.length, 2);
    assert.equal(watch.record && alertState(watch.record), 'resolved');
    assert.equal(watch.record?.incident?.resolvedAt, NOON + 315 * SECOND);
  });

  it('stores nothing while nothing changes', () => {
    const watch = makeWatch();
    watch.during(60 * MINUTE, errors(0));
    assert.equal(watch.stored, 0);
    watch.during(5 * MINUTE, errors(0.2));
    const before = watch.stored;
    watch.during(60 * MINUTE, errors(0.3));
    assert.equal(watch.stored, before);
    watch.during(10 * MINUTE, errors(0));
    const over = watch.stored;
    watch.during(60 * MINUTE, errors(0));
    assert.equal(watch.stored, over);
  });

  it('goes on after a short break where it was, and begins again after a long one', () => {
    const [short, long] = [makeWatch(), makeWatch()];
    for (const watch of [short, long]) watch.during(1.5 * MINUTE, errors(0.2));
    short.away(3 * MINUTE);
    long.away(3 * 60 * MINUTE);
    for (const watch of [short, long]) watch.look(errors(0.2));
    // Nobody knows how it was in between: that time does not count.
    assert.deepEqual([short.told, long.told], [[], []]);
    for (const watch of [short, long]) watch.during(45 * SECOND, errors(0.2));
    assert.equal(short.told.length, 1);
    assert.equal(long.told.length, 0);
    long.during(75 * SECOND, errors(0.2));
    assert.equal(long.told.length, 1);
    assert.equal(long.record?.incident?.startedAt, NOON + (90 + 3 * 3600 + 15) * SECOND);
  });

  it('neither fires nor ends by a clock that was set', () => {
    for (const jump of [-3 * 60 * MINUTE, -45 * SECOND, 90 * SECOND, 3 * 60 * MINUTE]) {
      const [pending, firing] = [makeWatch(), makeWatch()];
      pending.during(MINUTE, errors(0.2));
      pending.away(jump);
      pending.look(errors(0.2));
      assert.deepEqual(pending.told, [], `bad, ${jump}`);
      pending.during(2 * MINUTE, errors(0.2));
      assert.equal(pending.told.length, 1, `bad, ${jump}`);
      const startedAt = pending.record?.incident?.startedAt ?? Number.NaN;
      assert.ok(startedAt <= pending.now, 'it does not begin in the future');
      firing.during(5 * MINUTE, errors(0.2));
      firing.during(MINUTE, errors(0));
      firing.away(jump);
      firing.look(errors(0));
      assert.equal(firing.told.length, 1, `well, ${jump}`);
      firing.during(2 * MINUTE, errors(0));
      assert.equal(firing.told.length, 2, `well, ${jump}`);
      const { startedAt: from = Number.NaN, resolvedAt: to = Number.NaN } = firing.record?.incident ?? {};
      assert.ok(from <= to, 'it does not end before it began');
    }
  });

  it('waits no longer for a cool-down because the clock was put back', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.2));
    watch.during(5 * MINUTE, errors(0));
    watch.away(-24 * 60 * MINUTE);
    watch.during(5 * MINUTE, errors(0.2));
    assert.equal(watch.told.length, 3);
  });

  it('fires and ends at once where the rule waits for nothing', () => {
    const watch = makeWatch(rulesWith({ forMs: 0, cooldownMs: 0 }));
    for (const value of [0.2, 0, 0.2, 0]) watch.look(errors(value));
    assert.equal(watch.told.length, 4);
  });

  it('does not end by what is neither bad nor well, also where the rule waits for nothing', () => {
    const watch = makeWatch(rulesWith({ forMs: 0, cooldownMs: 0 }));
    for (const value of [0.2, 0.045, 0.2, 0.045]) watch.look(errors(value));
    assert.deepEqual(watch.told, ['15: service.errors fires']);
  });

  it('ends what nobody looks at any more: its subject is gone, or its rule is off', () => {
    const gateways = (...names: readonly string[]): AlertReadings => ({
      'gateway.silent': names.map((subject): AlertReading => ({ subject, value: 600, found: `${subject} is silent.` })),
    });
    const watch = makeWatch();
    watch.during(5 * MINUTE, gateways('telegram', 'local'));
    assert.equal(watch.told.length, 2);
    watch.look(gateways('telegram'));
    assert.equal(watch.told.at(-1), '315: gateway.silent:local is over');
    const off: AlertRules = { ...rulesWith(), 'gateway.silent': { ...rulesWith()['gateway.silent'], severity: 'off' } };
    const step = stepAlerts(watch.records, gateways('telegram'), { rules: off, now: watch.now });
    assert.deepEqual(
      step.resolved.map(({ key }) => key),
      ['gateway.silent:telegram'],
    );
    assert.deepEqual(stepAlerts([], gateways('telegram'), { rules: off, now: NOON }).changed, []);
  });

  it('ends nothing by a look that knows nothing of the whole rule, and all by one that finds nothing there', () => {
    const rule = 'gateway.silent';
    const watch = makeWatch();
    watch.during(5 * MINUTE, { [rule]: [{ subject: 'telegram', value: 600 }] });
    watch.during(20 * MINUTE, { [rule]: [{ found: 'They could not be asked.' }] });
    assert.deepEqual(watch.told, ['75: gateway.silent:telegram fires']);
    watch.look({ [rule]: [{ found: 'There is none.', isIdle: true }] });
    assert.equal(watch.told.at(-1), '1515: gateway.silent:telegram is over');
  });

  it('keeps a bounded number of alerts of a rule, those that fire first', () => {
    const many = (from: number, count: number, value = 600): AlertReadings => ({
      'gateway.silent': Array.from({ length: count }, (_, at) => ({ subject: `g${from + at}`, value })),
    });
    const watch = makeWatch();
    watch.during(5 * MINUTE, many(0, 3));
    const crowd = { 'gateway.silent': [...(many(1000, 400)['gateway.silent'] ?? []), ...(many(0, 3)['gateway.silent'] ?? [])] };
    watch.during(5 * MINUTE, crowd);
    assert.equal(watch.records.length, MAX_SUBJECTS);
    assert.ok(['g0', 'g1', 'g2'].every((name) => watch.records.some(({ subject }) => subject === name)));
    for (let turn = 2; turn < 6; turn++) watch.during(5 * MINUTE, many(turn * 1000, 40));
    assert.equal(watch.records.length, MAX_SUBJECTS);
    watch.look({ 'gateway.silent': [{ subject: 'x'.repeat(5_000), value: 600, found: 'y'.repeat(5_000) }] });
    assert.ok(watch.records.every(({ key }) => key.length < 200));
  });

  it('forgets what was over a week ago, and rules of another version', () => {
    const watch = makeWatch();
    watch.during(5 * MINUTE, errors(0.2));
    watch.during(5 * MINUTE, errors(0));
    watch.away(ALERT_RETENTION_MS + MINUTE);
    watch.look(errors(0));
    assert.deepEqual(watch.records, []);
    const foreign = { key: 'moon.phase', rule: 'moon.phase', run: 'bad', since: NOON, heldMs: 0, seenAt: NOON } as unknown as AlertRecord;
    assert.deepEqual(stepAlerts([foreign], {}, { rules: rulesWith(), now: NOON }).removed, ['moon.phase']);
  });
});
