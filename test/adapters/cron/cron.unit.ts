import { expect } from 'chai';
import { cronCalendar } from '../../../src/adapters/cron/index.ts';

/** The next times after `from`, each after the one before. */
const times = (cron: string, timeZone: string, from: string, count = 3): string[] => {
  const found: string[] = [];
  let after = Date.parse(from);
  while (found.length < count) {
    const next = cronCalendar.next(cron, timeZone, after);
    if (!next.ok) throw new Error(next.error.message);
    after = next.value;
    found.push(new Date(after).toISOString().replace(':00.000Z', 'Z'));
  }
  return found;
};
const refusal = (cron: string, timeZone = 'UTC') => {
  const next = cronCalendar.next(cron, timeZone, 0);
  return next.ok ? undefined : next.error;
};

describe('the cron calendar', () => {
  it('finds the next time, on the clocks of its time zone', () => {
    expect(times('0 9 * * 1-5', 'Europe/Berlin', '2026-11-20T12:00Z')).to.deep.equal([
      '2026-11-23T08:00Z',
      '2026-11-24T08:00Z',
      '2026-11-25T08:00Z',
    ]);
    expect(times('*/20 * * * *', 'UTC', '2026-11-20T12:00Z')).to.deep.equal([
      '2026-11-20T12:20Z',
      '2026-11-20T12:40Z',
      '2026-11-20T13:00Z',
    ]);
    expect(times('@daily', 'Asia/Kolkata', '2026-11-20T12:00Z', 1)).to.deep.equal(['2026-11-20T18:30Z']);
    expect(times('0 9 L * *', 'UTC', '2026-11-30T09:00Z', 1)).to.deep.equal(['2026-12-31T09:00Z']);
  });

  it('knows days, months and common times by their names, whatever the case', () => {
    const from = '2026-11-20T12:00Z';
    for (const [named, numbers] of [
      ['0 9 * * mon-FRI', '0 9 * * 1-5'],
      ['0 9 * * sun,Sat', '0 9 * * 0,6'],
      ['0 9 1 jan,JUL *', '0 9 1 1,7 *'],
      ['@hourly', '0 * * * *'],
      ['@daily', '0 0 * * *'],
      ['@Midnight', '0 0 * * *'],
      ['@weekly', '0 0 * * 0'],
      ['@monthly', '0 0 1 * *'],
      ['@yearly', '0 0 1 1 *'],
      ['@annually', '0 0 1 1 *'],
    ] as const)
      expect(times(named, 'Europe/Berlin', from), named).to.deep.equal(times(numbers, 'Europe/Berlin', from));
  });

  it('finds the next time, not the same one, from the middle of a second', () => {
    expect(cronCalendar.next('* * * * *', 'UTC', Date.parse('2026-11-20T12:00:00.001Z'))).to.deep.equal({
      ok: true,
      value: Date.parse('2026-11-20T12:01Z'),
    });
  });

  describe('where clocks go forward', () => {
    it('runs a skipped time of day right after the change', () =>
      expect(times('30 2 * * *', 'Europe/Berlin', '2026-03-28T12:00Z')).to.deep.equal([
        '2026-03-29T01:00Z',
        '2026-03-30T00:30Z',
        '2026-03-31T00:30Z',
      ]));

    it('what falls every hour falls once an hour', () =>
      expect(times('0 * * * *', 'Europe/Berlin', '2026-03-29T00:00Z')).to.deep.equal([
        '2026-03-29T01:00Z',
        '2026-03-29T02:00Z',
        '2026-03-29T03:00Z',
      ]));
  });

  describe('where clocks go back', () => {
    it('runs a repeated time of day once', () => {
      expect(times('30 2 * * *', 'Europe/Berlin', '2026-10-24T12:00Z')).to.deep.equal([
        '2026-10-25T00:30Z',
        '2026-10-26T01:30Z',
        '2026-10-27T01:30Z',
      ]);
      expect(times('0 2,3 * * *', 'Europe/Berlin', '2026-10-24T12:00Z', 2)).to.deep.equal(['2026-10-25T00:00Z', '2026-10-25T02:00Z']);
    });

    it('what falls every hour falls once an hour', () =>
      expect(times('0 * * * *', 'America/New_York', '2026-11-01T04:30Z')).to.deep.equal([
        '2026-11-01T05:00Z',
        '2026-11-01T06:00Z',
        '2026-11-01T07:00Z',
      ]));
  });

  for (const cron of [
    '',
    'tomorrow',
    '61 * * * *',
    '* * * * * *',
    '0 9 * *',
    '2026-11-20T12:00:00',
    '@reboot',
    '0 9 * * monday',
    `0 9 * * ${'1,'.repeat(500)}1`,
  ])
    it(`refuses in words: ${cron.slice(0, 30)}`, () => {
      expect(refusal(cron)?.code).to.equal('schedule/invalid-cron');
      expect(refusal(cron)?.message).to.match(/^".*" is no cron expression of five fields .*mon-fri, and none of .*@daily/);
      expect(refusal(cron)?.message.length).to.be.below(600);
    });

  it('says in its own words what is wrong with a range that goes down, and with a name that is none', () => {
    for (const cron of ['0 9 * * fri-mon', '0 9 1 dec-feb *', '30-10 * * * *', '0 9 * * fri-mon/2'])
      expect(refusal(cron)?.message, cron).to.match(/@yearly: a range goes from the smaller to the larger, .* as fri,sat,sun,mon$/);
    expect(refusal('0 9 * * fri-mon')?.message).not.to.include('5-1');
    expect(refusal('@dayly')?.message).to.match(/^"@dayly" is no cron expression of five fields .*, @yearly$/);
    expect(refusal('61 * * * *')?.message).to.match(/@yearly: Invalid value for minute: 61$/);
  });

  for (const zone of ['Mars/Base', '', '+02:00', 'Europe/Berlin; DROP'])
    it(`refuses as a time zone: ${JSON.stringify(zone)}`, () =>
      expect(refusal('0 9 * * *', zone)?.code).to.equal('schedule/unknown-time-zone'));

  it('refuses what never falls', () => expect(refusal('0 0 30 2 *')?.code).to.equal('schedule/never'));
});
