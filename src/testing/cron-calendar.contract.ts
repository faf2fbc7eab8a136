import { strict as assert } from 'node:assert';
import type { CronCalendar } from '../ports/index.ts';
import type { Contract } from './contract.ts';

const timesOf = (calendar: CronCalendar, cron: string, timeZone: string, from: string, count: number): string[] => {
  const found: string[] = [];
  for (let after = Date.parse(from); found.length < count; ) {
    const next = calendar.next(cron, timeZone, after);
    assert.ok(next.ok, cron);
    after = next.value;
    found.push(new Date(after).toISOString());
  }
  return found;
};

const codeOf = (calendar: CronCalendar, cron: string, timeZone: string): string => {
  const next = calendar.next(cron, timeZone, 0);
  assert.ok(!next.ok, `${cron} is refused`);
  assert.notEqual(next.error.message, '');
  return next.error.code;
};

/** The law of `CronCalendar`. */
export const cronCalendarContract: Contract<CronCalendar> = {
  'finds the first time after the one given, never that one itself': async (calendar) => {
    assert.deepEqual(timesOf(calendar, '*/20 * * * *', 'UTC', '2026-11-20T12:00:00.000Z', 2), [
      '2026-11-20T12:20:00.000Z',
      '2026-11-20T12:40:00.000Z',
    ]);
  },

  'goes by the clocks of the time zone': async (calendar) => {
    assert.deepEqual(timesOf(calendar, '0 9 * * 1-5', 'Europe/Berlin', '2026-11-20T12:00:00.000Z', 1), ['2026-11-23T08:00:00.000Z']);
  },

  'falls once a day where clocks go back, and goes on at its pace where it falls every hour': async (calendar) => {
    const [first, second] = timesOf(calendar, '30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00:00.000Z', 2).map(Date.parse);
    assert.ok((second ?? 0) - (first ?? 0) >= 24 * 60 * 60_000, 'one time of day falls once');
    const hours = timesOf(calendar, '0 * * * *', 'Europe/Berlin', '2026-10-24T22:00:00.000Z', 5).map(Date.parse);
    for (const [at, hour] of hours.entries()) if (at > 0) assert.equal(hour - (hours[at - 1] ?? 0), 60 * 60_000);
  },

  'falls where clocks go forward over its time of day, once they have': async (calendar) => {
    assert.deepEqual(timesOf(calendar, '30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00:00.000Z', 1), ['2026-03-29T01:00:00.000Z']);
  },

  'refuses, in words, what is no expression of five fields, no time zone, or never falls': async (calendar) => {
    for (const cron of ['', 'soon', '* * * *', '* * * * * *', '61 * * * *'])
      assert.equal(codeOf(calendar, cron, 'UTC'), 'schedule/invalid-cron', cron);
    assert.equal(codeOf(calendar, '0 9 * * *', 'Mars/Olympus'), 'schedule/unknown-time-zone');
    assert.equal(codeOf(calendar, '0 9 30 2 *', 'UTC'), 'schedule/never');
  },
};
