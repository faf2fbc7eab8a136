import { expect } from 'chai';
import { clockTime, isLeftOut, isTimeZone, readPastTime, readTime, readTimeOfDay } from '../../../src/domain/index.ts';
import { timeZoneName, weekdayAt } from '../../../src/domain/shared/time.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');
const read = (text: string, zone = 'Europe/Berlin') => {
  const at = readTime(text, zone, NOW);
  return at === undefined ? undefined : new Date(at).toISOString().replace(':00.000Z', 'Z');
};

describe('times as people write them', () => {
  for (const [text, at] of [
    ['2026-11-23T09:00', '2026-11-23T08:00Z'],
    ['2026-11-23 09:00', '2026-11-23T08:00Z'],
    ['2026-07-01T09:00:30', '2026-07-01T07:00:30.000Z'],
    ['2026-11-23T09:00Z', '2026-11-23T09:00Z'],
    ['2026-11-23T09:00:00.000Z', '2026-11-23T09:00Z'],
    ['2026-11-23T09:00+05:30', '2026-11-23T03:30Z'],
    ['2026-11-23T09:00 -0800', '2026-11-23T17:00Z'],
    [' PT90M ', '2026-11-22T13:30Z'],
    ['P2D', '2026-11-24T12:00Z'],
    ['P1DT1H30M', '2026-11-23T13:30Z'],
  ] as const)
    it(`reads ${text}`, () => expect(read(text)).to.equal(at));

  for (const text of [
    '',
    'tomorrow',
    '2026-11-23',
    '2026-02-30T09:00',
    '2026-13-01T09:00',
    '2026-11-23T25:00',
    '2026-11-23T09:60',
    '09:00',
    'P',
    'PT',
    '1763800000',
  ])
    it(`makes nothing of ${JSON.stringify(text)}`, () => expect(read(text)).to.equal(undefined));

  it('a time that is left out when clocks go forward is as much later', () =>
    expect(read('2026-03-29T02:30')).to.equal('2026-03-29T01:30Z'));
  it('knows a time that is left out by its zone, its day and its hour', () => {
    for (const [text, zone] of [
      ['2026-03-29T02:30', 'Europe/Berlin'],
      [' 2026-03-29 02:00:30 ', 'Europe/Berlin'],
      ['2026-03-08T02:30', 'America/New_York'],
      ['2026-10-04T02:15', 'Australia/Lord_Howe'],
    ] as const)
      expect(isLeftOut(text, zone), text).to.equal(true);
    for (const text of [
      '2026-03-29T02:30Z',
      '2026-03-29T03:00',
      '2026-03-28T02:30',
      '2026-10-25T02:30',
      'PT90M',
      'soon',
      '2026-02-30T02:30',
    ])
      expect(isLeftOut(text, 'Europe/Berlin'), text).to.equal(false);
  });
  it('of a time that comes twice when clocks go back it is the first', () =>
    expect(read('2026-10-25T02:30')).to.equal('2026-10-25T00:30Z'));
  it('the hours around a change are what they are', () => {
    expect(['2026-03-29T01:59', '2026-03-29T03:00', '2026-10-25T01:59', '2026-10-25T03:00'].map((text) => read(text))).to.deep.equal([
      '2026-03-29T00:59Z',
      '2026-03-29T01:00Z',
      '2026-10-24T23:59Z',
      '2026-10-25T02:00Z',
    ]);
    expect(read('2026-11-23T00:00', 'Pacific/Auckland')).to.equal('2026-11-22T11:00Z');
  });

  it('are written as the clocks show them', () => {
    expect(clockTime(Date.parse('2026-07-01T22:05:59.999Z'), 'Europe/Berlin')).to.equal('2026-07-02 00:05');
    expect(clockTime(Date.parse('2026-11-23T09:00Z'), 'America/New_York')).to.equal('2026-11-23 04:00');
  });

  it('what is written is read as the same time', () => {
    for (let at = Date.parse('2026-01-01T00:00Z'); at < Date.parse('2027-01-01T00:00Z'); at += 37 * 3_600_000) {
      const back = readTime(clockTime(at, 'Australia/Lord_Howe'), 'Australia/Lord_Howe', NOW);
      expect(back).to.equal(at);
    }
  });

  it('a time zone is named in its own capitals, and never by another name', () =>
    expect(['europe/berlin', 'America/New_York', 'Asia/Kolkata', 'CET', 'utc'].map(timeZoneName)).to.deep.equal([
      'Europe/Berlin',
      'America/New_York',
      'Asia/Kolkata',
      'CET',
      'UTC',
    ]));

  it('an offset is no time zone', () =>
    expect(['Europe/Berlin', 'UTC', '+02:00', 'Nowhere', ''].map(isTimeZone)).to.deep.equal([true, true, false, false, false]));
});

describe('times of day', () => {
  // In Berlin, it is Sunday, 13:00.
  const next = (text: string, now = NOW) => {
    const at = readTimeOfDay(text, 'Europe/Berlin', now);
    return at === undefined ? undefined : clockTime(at, 'Europe/Berlin');
  };
  for (const [text, at] of [
    ['17:00', '2026-11-22 17:00'],
    ['9:00', '2026-11-23 09:00'],
    ['13:00', '2026-11-22 13:00'],
    ['today 17:00', '2026-11-22 17:00'],
    ['today 09:00', '2026-11-22 09:00'],
    ['tomorrow 09:00', '2026-11-23 09:00'],
    [' Monday 09:30 ', '2026-11-23 09:30'],
    ['sunday 14:00', '2026-11-22 14:00'],
    ['sunday 12:00', '2026-11-29 12:00'],
    ['saturday 00:00', '2026-11-28 00:00'],
  ] as const)
    it(`the next ${text.trim()} is ${at}`, () => expect(next(text)).to.equal(at));

  for (const text of ['25:00', '12:60', '9', 'tomorrow', 'noon', 'someday 9:00', ''])
    it(`makes nothing of ${JSON.stringify(text)}`, () => expect(next(text)).to.equal(undefined));

  it('the minute that runs is ahead, the one before is not', () => {
    expect(next('13:00', NOW + 59_000)).to.equal('2026-11-22 13:00');
    expect(next('13:00', NOW + 60_000)).to.equal('2026-11-23 13:00');
  });

  it('stays a time of day across a change of clocks', () => {
    expect(next('tomorrow 09:00', Date.parse('2026-03-28T12:00:00Z'))).to.equal('2026-03-29 09:00');
  });

  it('the day of the week is the one of the time zone', () =>
    expect(['Europe/Berlin', 'Pacific/Auckland'].map((zone) => weekdayAt(NOW, zone))).to.deep.equal(['Sunday', 'Monday']));
});

describe('times that are past', () => {
  // In Berlin, it is Sunday, 13:00.
  const last = (text: string, now = NOW) => {
    const at = readPastTime(text, 'Europe/Berlin', now);
    return at === undefined ? undefined : clockTime(at, 'Europe/Berlin');
  };
  for (const [text, at] of [
    ['09:00', '2026-11-22 09:00'],
    ['9:00', '2026-11-22 09:00'],
    ['13:00', '2026-11-22 13:00'],
    ['17:00', '2026-11-21 17:00'],
    ['today', '2026-11-22 00:00'],
    ['yesterday', '2026-11-21 00:00'],
    ['today 09:00', '2026-11-22 09:00'],
    [' Yesterday 17:00 ', '2026-11-21 17:00'],
    ['monday 09:00', '2026-11-16 09:00'],
    ['monday', '2026-11-16 00:00'],
    ['sunday', '2026-11-22 00:00'],
    ['sunday 12:00', '2026-11-22 12:00'],
    ['sunday 14:00', '2026-11-15 14:00'],
    ['2026-11-20', '2026-11-20 00:00'],
    ['2026-11-20 08:15', '2026-11-20 08:15'],
    ['24h', '2026-11-21 13:00'],
    ['PT90M', '2026-11-22 11:30'],
  ] as const)
    it(`the last ${text.trim()} is ${at}`, () => expect(last(text)).to.equal(at));

  for (const text of ['', '25:00', '12:60', '9', 'tomorrow', 'tomorrow 09:00', 'noon', '2026-02-30', '2026-13-01'])
    it(`makes nothing of ${JSON.stringify(text)}`, () => expect(last(text)).to.equal(undefined));

  it('the minute that comes next is not past, the one that runs is', () => {
    expect(last('13:00', NOW)).to.equal('2026-11-22 13:00');
    expect(last('13:00', NOW - 1)).to.equal('2026-11-21 13:00');
  });

  it('tells a time that lies ahead as it is, so that it can be refused', () => {
    for (const text of ['2030-01-01', '2030-01-01 09:00', 'today 17:00']) expect(last(text), text).to.be.a('string');
  });
});
