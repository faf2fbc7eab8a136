import { strict as assert } from 'node:assert';
import { describe, it } from 'mocha';
import {
  type AlertDelivery,
  type ChannelTraits,
  channelsFor,
  failedDelivery,
  isDueDelivery,
  planDeliveries,
  sentDelivery,
} from '../../../src/domain/alert/delivery.ts';
import type { AlertRecord } from '../../../src/domain/alert/evaluate.ts';

const NOON = Date.UTC(2026, 10, 30, 12);
const MINUTE = 60_000;

const incident = {
  startedAt: NOON,
  firedAt: NOON,
  title: 'A gateway is silent: telegram',
  detail: 'It is.',
  severity: 'critical',
} as const;
const firing: AlertRecord = {
  key: 'gateway.silent:telegram',
  rule: 'gateway.silent',
  subject: 'telegram',
  run: 'bad',
  since: NOON,
  heldMs: 0,
  seenAt: NOON,
  incident,
};
const over: AlertRecord = { ...firing, run: 'well', incident: { ...incident, resolvedAt: NOON + MINUTE } };
const [webhook, slack, telegram]: readonly [ChannelTraits, ChannelTraits, ChannelTraits] = [
  { channel: 'webhook' },
  { channel: 'slack' },
  { channel: 'telegram', gateway: 'telegram' },
];
const plan = (record: AlertRecord, stored: readonly AlertDelivery[], given: Partial<Parameters<typeof planDeliveries>[2]> = {}) =>
  planDeliveries([record], stored, { channels: [webhook, slack, telegram], silences: [], now: NOON, ...given });
const channelsOf = (deliveries: readonly AlertDelivery[]) => deliveries.map(({ channel, wants }) => `${channel} ${wants}`);

describe('channelsFor', () => {
  const other = { rule: 'queue.worker' } as const;
  const rows = [
    ['every channel', other, [webhook, telegram], ['webhook', 'telegram'], false],
    ['every channel but that of the gateway that failed', firing, [webhook, slack, telegram], ['webhook', 'slack'], false],
    ['the channel of another gateway', { ...firing, subject: 'local' }, [telegram], ['telegram'], false],
    ['the channel of the gateway itself, where there is no other', firing, [telegram], ['telegram'], true],
    ['no channel, where there is none', firing, [], [], false],
  ] as const;
  for (const [title, about, channels, expected, onlyByItself] of rows)
    it(`takes ${title}`, () => {
      const found = channelsFor(about, channels);
      assert.deepEqual(
        found.channels.map(({ channel }) => channel),
        expected,
      );
      assert.equal(found.onlyByItself, onlyByItself);
    });
});

describe('planDeliveries', () => {
  it('tells each channel once that it fires, and once that it is over', () => {
    const first = plan(firing, []);
    assert.deepEqual(channelsOf(first), ['webhook firing', 'slack firing']);
    assert.deepEqual(plan(firing, first), []);
    const told = first.map((delivery) => sentDelivery(delivery, 'firing', undefined, NOON));
    assert.deepEqual(plan(firing, told), []);
    const ends = plan(over, told);
    assert.deepEqual(channelsOf(ends), ['webhook resolved', 'slack resolved']);
    assert.deepEqual(plan(over, ends), []);
    assert.deepEqual(
      plan(
        over,
        ends.map((delivery) => sentDelivery(delivery, 'resolved', undefined, NOON)),
      ),
      [],
    );
  });

  it('tells the next time as a time of its own, in the place of what was still to tell', () => {
    const ends = plan(over, plan(firing, []));
    const again = { ...firing, incident: { ...incident, startedAt: NOON + 60 * MINUTE } };
    const next = plan(again, ends);
    assert.deepEqual(channelsOf(next), ['webhook firing', 'slack firing']);
    assert.ok(next.every(({ startedAt, sent }) => startedAt === NOON + 60 * MINUTE && sent === undefined));
  });

  it('does not take what was told of one time for what is told of another', () => {
    const before = plan(firing, []);
    const again = { ...firing, incident: { ...incident, startedAt: NOON + 60 * MINUTE } };
    assert.deepEqual(channelsOf(plan(again, before)), ['webhook firing', 'slack firing']);
    const overAgain = { ...again, run: 'well' as const, incident: { ...again.incident, resolvedAt: NOON + 70 * MINUTE } };
    assert.deepEqual(plan(overAgain, before), []);
  });

  it('tells a channel that was added while it fires, and tells nobody anew that it is over', () => {
    const first = plan(firing, [], { channels: [webhook] });
    assert.deepEqual(channelsOf(plan(firing, first)), ['slack firing']);
    assert.deepEqual(channelsOf(plan(over, first)), ['webhook resolved']);
  });

  it('holds back what is silenced by its key or its rule, until the silence ends', () => {
    for (const target of [firing.key, firing.rule]) {
      const silences = [{ target, until: NOON + MINUTE }];
      assert.deepEqual(plan(firing, [], { silences }), []);
      assert.equal(plan(firing, [], { silences, now: NOON + MINUTE }).length, 2);
    }
    assert.equal(plan(firing, [], { silences: [{ target: 'gateway.silent:local', until: NOON + MINUTE }] }).length, 2);
  });

  it('says that it is over in spite of a silence, and never to somebody who was to hear nothing', () => {
    const silences = [{ target: firing.rule, until: NOON + MINUTE }];
    assert.equal(plan(over, plan(firing, []), { silences }).length, 2);
    assert.deepEqual(plan(over, []), []);
  });

  it('plans nothing for what never fired', () => {
    const { incident: _, ...pending } = firing;
    assert.deepEqual(plan(pending, []), []);
  });
});

describe('sentDelivery', () => {
  const [due] = plan(firing, []) as readonly [AlertDelivery];

  it('leaves due what has changed while it was told', () => {
    const changed: AlertDelivery = { ...due, wants: 'resolved' };
    assert.equal(sentDelivery(changed, 'firing', undefined, NOON + 5).dueAt, NOON + 5);
    assert.equal(sentDelivery(changed, 'resolved', undefined, NOON + 5).dueAt, undefined);
  });

  it('comes back to a channel that wants to hear again, as long as it fires', () => {
    const traits = { channel: 'webhook', refreshMs: MINUTE };
    assert.equal(sentDelivery(due, 'firing', traits, NOON).dueAt, NOON + MINUTE);
    assert.equal(sentDelivery({ ...due, wants: 'resolved' }, 'resolved', traits, NOON).dueAt, undefined);
  });
});

describe('isDueDelivery', () => {
  it('is due at its time, and also where the clock was put back by more than anything waits', () => {
    const rows = [
      [undefined, false],
      [NOON, true],
      [NOON - 1, true],
      [NOON + 1, false],
      [NOON + 60 * MINUTE, false],
      [NOON + 24 * 60 * MINUTE, true],
    ] as const;
    for (const [dueAt, expected] of rows) assert.equal(isDueDelivery(dueAt === undefined ? {} : { dueAt }, NOON), expected, `${dueAt}`);
  });
});

describe('failedDelivery', () => {
  const [due] = plan(firing, []) as readonly [AlertDelivery];
  const fail = (delivery: AlertDelivery, failure = {}, resolvedAt?: number) =>
    failedDelivery(delivery, { reason: 'It was down.', retryable: true, ...failure }, { now: NOON, ...(resolvedAt && { resolvedAt }) });

  it('waits longer each time, and at most five minutes', () => {
    const waits: number[] = [];
    let delivery = due;
    for (let turn = 0; turn < 9; turn++) {
      delivery = fail(delivery);
      waits.push(((delivery.dueAt ?? Number.NaN) - NOON) / 1_000);
    }
    assert.deepEqual(waits, [15, 30, 60, 120, 240, 300, 300, 300, 300]);
    assert.deepEqual([delivery.failures, delivery.lastError], [9, 'It was down.']);
  });

  it('waits as long as the other side asks, and at most an hour', () => {
    assert.equal(fail(due, { retryAfterMs: 90_000 }).dueAt, NOON + 90_000);
    assert.equal(fail(due, { retryAfterMs: 1e12 }).dueAt, NOON + 60 * MINUTE);
  });

  it('tries what a repeat can not help every hour', () => {
    assert.equal(fail(due, { retryable: false }).dueAt, NOON + 60 * MINUTE);
  });

  it('gives up news of an end that is a day old, and never an alert that fires', () => {
    const resolved: AlertDelivery = { ...due, wants: 'resolved' };
    assert.equal(fail(resolved, {}, NOON - 23 * 60 * MINUTE).dueAt, NOON + 15_000);
    assert.equal(fail(resolved, {}, NOON - 25 * 60 * MINUTE).dueAt, undefined);
    assert.equal(fail({ ...due, failures: 9_999 }).dueAt, NOON + 5 * MINUTE);
  });
});
