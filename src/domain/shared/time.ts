import { readSpan, SPAN_FORMS } from './span.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

interface WallClock {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
}

const FIELDS = ['year', 'month', 'day', 'hour', 'minute', 'second'] as const;

/** Of each time zone that was asked for. To make one takes longer than all the rest. */
const makeFormats = (options: Intl.DateTimeFormatOptions) => {
  const formats = new Map<string, Intl.DateTimeFormat>();
  return (timeZone: string): Intl.DateTimeFormat => {
    const known = formats.get(timeZone);
    if (known) return known;
    const format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', { ...options, timeZone });
    if (formats.size >= MAX_ZONES) formats.clear();
    formats.set(timeZone, format);
    return format;
  };
};
const MAX_ZONES = 100;

const clockIn = makeFormats({
  hourCycle: 'h23',
  year: 'numeric',
  month: 'numeric',
  day: 'numeric',
  hour: 'numeric',
  minute: 'numeric',
  second: 'numeric',
});
const weekdayIn = makeFormats({ weekday: 'long' });

/** What the clocks of `timeZone` (IANA name) show at `at` (ms since 1970). */
const wallClockAt = (at: number, timeZone: string): WallClock => {
  const parts = new Map(
    clockIn(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return Object.fromEntries(FIELDS.map((field) => [field, parts.get(field)])) as unknown as WallClock;
};

const asUtc = ({ year, month, day, hour, minute, second }: WallClock): number => Date.UTC(year, month - 1, day, hour, minute, second);

/** How far the clocks of `timeZone` are ahead of UTC at that moment. */
const offsetMs = (at: number, timeZone: string): number => asUtc(wallClockAt(at, timeZone)) - Math.floor(at / 1_000) * 1_000;

/** `2026-11-23 09:00`, as the clocks of `timeZone` show it. */
export const clockTime = (at: number, timeZone: string): string =>
  new Date(at + offsetMs(at, timeZone)).toISOString().slice(0, 16).replace('T', ' ');

/** `Monday`, as the calendar of `timeZone` shows it. */
export const weekdayAt = (at: number, timeZone: string): string => weekdayIn(timeZone).format(at);

/** `Monday, 2026-11-23 09:00`. */
export const dayAndTime = (at: number, timeZone: string): string => `${weekdayAt(at, timeZone)}, ${clockTime(at, timeZone)}`;

/** Whether that names a time zone: `Europe/Berlin`, `UTC`. An offset is none: it knows no summer time. */
export const isTimeZone = (name: string): boolean => {
  if (!/^[A-Za-z]/.test(name)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
};

/**
 * The name of a time zone in its own capitals: `Europe/Berlin` for `europe/berlin`. An alias of another name stays as
 * it was typed.
 */
export const timeZoneName = (typed: string): string => {
  const known = new Intl.DateTimeFormat('en', { timeZone: typed }).resolvedOptions().timeZone;
  return known.toLowerCase() === typed.toLowerCase() ? known : typed;
};

const MOMENT = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d{1,9})?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * Reads a time as ms since 1970: ISO 8601 with an offset (`2026-11-23T09:00+01:00`), without one as the clocks of
 * `timeZone` show it (one that is left out when they go forward is as much later; of two when they go back it is the
 * first), or as a span from `now` (`90m`, `1h30m`, `PT90M`). Undefined when it is none of these, or no day of the
 * calendar.
 */
export const readTime = (text: string, timeZone: string, now: number): number | undefined => {
  const span = readSpan(text);
  if (span !== undefined) return now + span;
  const moment = MOMENT.exec(text.trim());
  if (!moment) return undefined;
  const [year, month, day, hour, minute, second] = moment.slice(1, 7).map((part) => Number(part ?? 0));
  const written = { year, month, day, hour, minute, second } as WallClock;
  const shown = asUtc(written);
  if (new Date(shown).toISOString().slice(0, 16) !== moment.slice(1, 4).join('-').concat('T', moment.slice(4, 6).join(':')))
    return undefined;
  const offset = moment[7];
  if (offset !== undefined) return shown - readOffset(offset);
  const offsets = [offsetMs(shown - DAY_MS, timeZone), offsetMs(shown + DAY_MS, timeZone)];
  const candidates = offsets.filter((ahead) => offsetMs(shown - ahead, timeZone) === ahead).map((ahead) => shown - ahead);
  return candidates.length > 0 ? Math.min(...candidates) : shown - (offsets[0] ?? 0);
};

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const TIME_OF_DAY = new RegExp(`^(?:(today|tomorrow|${WEEKDAYS.join('|')}) )?(\\d{1,2}):(\\d\\d)$`, 'i');

/**
 * Reads a time of day as ms since 1970: the next time that the clocks of `timeZone` show `17:00`, `tomorrow 09:00` or
 * `monday 09:30`. The minute that runs counts as ahead; `today 09:00` may be past. Undefined when it is none of these.
 */
export const readTimeOfDay = (text: string, timeZone: string, now: number): number | undefined => {
  const [, named, hour = '', minute] = TIME_OF_DAY.exec(text.trim()) ?? [];
  if (minute === undefined) return undefined;
  const day = named?.toLowerCase();
  const today = Date.parse(clockTime(now, timeZone).slice(0, 10));
  const onDay = (days: number): number | undefined =>
    readTime(`${new Date(today + days * DAY_MS).toISOString().slice(0, 10)}T${hour.padStart(2, '0')}:${minute}`, timeZone, now);
  if (day === 'today' || day === 'tomorrow') return onDay(day === 'today' ? 0 : 1);
  return [0, 1, 2, 3, 4, 5, 6, 7]
    .filter((days) => day === undefined || WEEKDAYS[new Date(today + days * DAY_MS).getUTCDay()] === day)
    .map(onDay)
    .find((at) => at !== undefined && at > now - MINUTE_MS);
};

const DATE = /^\d{4}-\d\d-\d\d$/;
const PAST_TIME_OF_DAY = new RegExp(`^(?:(today|yesterday|${WEEKDAYS.join('|')})(?: |$))?(?:(\\d{1,2}):(\\d\\d))?$`, 'i');

/**
 * Reads a time since when something happened as ms since 1970: a span back from `now`, a date (its first minute), a
 * time as `readTime` has it, or the last time that the clocks of `timeZone` showed `09:00`, `yesterday 17:00`, `monday`
 * or `monday 09:30`. A date or time that names its day may lie ahead. Undefined when it is none of these.
 */
export const readPastTime = (text: string, timeZone: string, now: number): number | undefined => {
  const written = text.trim();
  const span = readSpan(written);
  if (span !== undefined) return now - span;
  const today = Date.parse(clockTime(now, timeZone).slice(0, 10));
  const onDay = (days: number, time: string): number | undefined =>
    readTime(`${new Date(today - days * DAY_MS).toISOString().slice(0, 10)}T${time}`, timeZone, now);
  const found = written === '' ? null : PAST_TIME_OF_DAY.exec(written);
  if (!found) return readTime(DATE.test(written) ? `${written}T00:00` : written, timeZone, now);
  const [, named, hour = '0', minute = '00'] = found;
  const day = named?.toLowerCase();
  const time = `${hour.padStart(2, '0')}:${minute}`;
  if (day === 'today' || day === 'yesterday') return onDay(day === 'today' ? 0 : 1, time);
  return [0, 1, 2, 3, 4, 5, 6, 7]
    .filter((days) => day === undefined || WEEKDAYS[new Date(today - days * DAY_MS).getUTCDay()] === day)
    .map((days) => onDay(days, time))
    .find((at) => at !== undefined && at <= now);
};

/** Whether `text` is a time that the clocks of `timeZone` never show: they go forward over it. */
export const isLeftOut = (text: string, timeZone: string): boolean => {
  const [, year, month, day, hour, minute, , offset] = MOMENT.exec(text.trim()) ?? [];
  const at = offset === undefined && minute !== undefined ? readTime(text, timeZone, 0) : undefined;
  return at !== undefined && clockTime(at, timeZone) !== `${year}-${month}-${day} ${hour}:${minute}`;
};

const readOffset = (text: string): number => {
  const [, sign, hours, minutes = 0] = /^([+-])(\d\d):?(\d\d)?$/.exec(text) ?? [];
  return sign === undefined ? 0 : (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * MINUTE_MS;
};

/** The forms in which a time may be written, for a message that says so. */
export const timeForms = (timeZone: string): string =>
  `2026-11-23T09:00 (on the clocks of ${timeZone}), 2026-11-23T09:00+01:00, or a span from now on: ${SPAN_FORMS}`;

/** The same for a time that is past. */
export const pastTimeForms = (timeZone: string): string =>
  `a date or a time: 2026-11-23, 2026-11-23T09:00 (on the clocks of ${timeZone}), 2026-11-23T09:00+01:00; the last time of day: 09:00, yesterday 17:00, monday; or a span back from now: ${SPAN_FORMS}`;
