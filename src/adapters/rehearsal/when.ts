/** When something is to be done, as the tools take it; or why that can't be, in words. */
export type When =
  | { readonly kind: 'once'; readonly at: string }
  | { readonly kind: 'every'; readonly cron: string }
  /** `unclear` where people name a time like that, and the words may as well tell a story. */
  | { readonly kind: 'impossible'; readonly why: string; readonly unclear?: true };

export interface Timed {
  readonly when: When;
  /** What is left of the words: the task. */
  readonly task: string;
}

const WEEKDAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];
const NUMBERS: Readonly<Record<string, number>> = {
  a: 1,
  an: 1,
  one: 1,
  two: 2,
  three: 3,
  four: 4,
  five: 5,
  six: 6,
  seven: 7,
  eight: 8,
  nine: 9,
  ten: 10,
  eleven: 11,
  twelve: 12,
  fifteen: 15,
  twenty: 20,
  thirty: 30,
  forty: 40,
  'forty-five': 45,
  fifty: 50,
  sixty: 60,
  ninety: 90,
  'a couple of': 2,
  'a few': 3,
  'half an': 0.5,
  'half a': 0.5,
  half: 0.5,
  'a quarter of an': 0.25,
  'quarter of an': 0.25,
};
const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const WORDS = Object.keys(NUMBERS).toSorted((a, b) => b.length - a.length);
const N = `(?:-?\\d{1,9}(?:\\.\\d{1,3})?|(?:${WORDS.join('|')})(?=[ -]))`;
const UNIT = '(?:seconds?|secs?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|[smhdw])(?![\\w-])';
const PART = `${N}[ -]?${UNIT}`;
const SPAN = `${PART}(?:(?:,? and|,)? ${PART}){0,2}`;
const HOURS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const HOUR = `(?:\\d{1,2}|${HOURS.slice(1).join('|')})`;
const TIME = `(?:(?:(?:half|(?:a )?quarter) past |(?:a )?quarter to )?${HOUR}(?:[:.]\\d{2}| ?h(?:\\d{2})?)?(?: ?[ap]\\.?m(?:\\.|(?![\\w])))?(?: ?o'?clock)?|noon|midday|midnight)(?!\\w|:\\d)`;
const WEEKDAY = `(?:${WEEKDAYS.join('|')}|sun|mon|tues?|weds?|thu(?:rs?)?|fri|sat)(?!\\w)`;
const WEEKDAYS_IN_PLURAL = `(?:${WEEKDAYS.map((name) => `${name}s`).join('|')})`;
const DATE = '\\d{4}-\\d\\d-\\d\\d';
const PART_OF = '(?: (?:morning|afternoon|evening|night)(?!\\w))';
const DAY = `(?:today|tonight|tomorrow(?: morning| afternoon| evening| night)?|this (?:morning|afternoon|evening)|(?:on |next |this |on next )${WEEKDAY}${PART_OF}?|${WEEKDAY}${PART_OF}|(?:on )?${DATE})`;
const ONCE = `(?:(?:in|after) ${SPAN}|${SPAN} from now|at ${TIME}(?:,? ${DAY})?|at ${DATE},? ${TIME}|${DAY}(?:,? at|,)? ${TIME}|${WEEKDAY} at ${TIME}|tomorrow(?: morning| afternoon| evening| night)?|tonight|this (?:morning|afternoon|evening)|(?:on |next |this |on next )${WEEKDAY}${PART_OF}?|${WEEKDAY}${PART_OF}|(?:on|at) ${DATE})`;
const TURN = `(?:(?:every|each) (?:${N}[ -]?${UNIT}|other [a-z]+|second|minute|hour|half(?:[ -]an)?[ -]hour|quarter(?: of an)?[ -]hour|day|night|morning|noon|afternoon|evening|weekday|work(?:ing)? ?day|weekend|week on ${WEEKDAY}|week|month|year|${WEEKDAY}${PART_OF}|${WEEKDAY}(?:(?:,? and|,) (?:every )?${WEEKDAY}){0,6})|once (?:an?|every|each|per) (?:minute|hour|day|week|month|year)|on (?:weekdays|weekends|${WEEKDAYS_IN_PLURAL}(?:(?:,? and|,) (?:on )?${WEEKDAYS_IN_PLURAL}){0,6})|everyday|hourly|daily|nightly|weekly|monthly|yearly)`;
const AT_TIMES = `at ${TIME}(?:(?:,? and|,) (?:at )?${TIME}){0,5}`;
const EVERY = `(?:(?:${AT_TIMES},? )?${TURN}(?:,? ${AT_TIMES})?)`;

const MONTH =
  '(?:january|february|march|april|may|june|july|august|september|october|november|december|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)(?!\\w)';
const NTH = '\\d{1,2}(?:st|nd|rd|th)';
/** What names a time for people, and not for a clock; and what to say instead. */
const UNCLEAR: readonly (readonly [string, string])[] = [
  [
    `(?:on )?(?:(?:the )?(?:${NTH}|\\d{1,2})(?: of)? ${MONTH}|${MONTH} (?:the )?(?:${NTH}|\\d{1,2})(?!\\w)|\\d{1,2}[./]\\d{1,2}[./]\\d{2,4})(?:,? \\d{4})?(?:,? at ${TIME})?|on the ${NTH}(?:,? at ${TIME})?`,
    'A date is written with its year first: on 2030-12-24 at 9:00',
  ],
  [
    `(?:the )?day after tomorrow(?:,? at ${TIME})?|today|later(?: today| on)?|soon|some(?: ?day| ?time)|next (?:week|weekend|month|year)|this (?:week|weekend|month)|in the (?:morning|afternoon|evening)|at (?:lunch|dinner|breakfast)(?: ?time)?`,
    'That is no time on a clock: say a day or a time, such as tomorrow at 9:00, or on friday',
  ],
  [`yesterday(?:,? at ${TIME})?|last (?:night|week|month|year|${WEEKDAY})|${SPAN} ago`, 'That is past: what is promised lies ahead'],
  [
    `(?:twice|thrice|(?:\\d{1,3}|two|three|four) times) (?:an?|every|each|per) (?:hour|day|week|month|year)`,
    'One schedule comes at one time of the day: make one for each',
  ],
];

/** No phrase is longer: hostile texts are not searched to their end. */
const LONGEST = 120;
const PHRASES = [EVERY, ONCE, ...UNCLEAR.map(([phrase]) => `(?:${phrase})`)];
const AT_START = PHRASES.map((phrase) => new RegExp(`^(${phrase})(?=[\\s,:;]|$)[\\s,:;]*`, 'i'));
const AT_END = PHRASES.map((phrase) => new RegExp(`(?:^|[,;]? )(${phrase})$`, 'i'));

/**
 * `in 5 minutes, count the TODOs`, `list files every day at 9am`: the time and the task; undefined where no time is
 * named.
 */
export const splitWhen = (words: string): Timed | undefined => {
  const [, cron, scheduled] = /^on schedule ((?:\S{1,40} ){4}[^\s,]{1,40}(?:,\d[^\s,]{0,40}){0,20}),? (.+)$/is.exec(words) ?? [];
  if (cron !== undefined && scheduled !== undefined) return { when: { kind: 'every', cron }, task: scheduled };
  return whenAtStart(words) ?? whenAtEnd(words);
};

export const whenAtStart = (words: string): Timed | undefined => {
  for (const pattern of AT_START) {
    const [all, phrase] = pattern.exec(words.slice(0, LONGEST)) ?? [];
    if (all !== undefined && phrase !== undefined) return { when: readWhen(phrase.toLowerCase()), task: words.slice(all.length) };
  }
  return undefined;
};

export const whenAtEnd = (words: string): Timed | undefined => {
  for (const pattern of AT_END) {
    const [all, phrase] = pattern.exec(words.slice(-LONGEST)) ?? [];
    if (all !== undefined && phrase !== undefined)
      return { when: readWhen(phrase.toLowerCase()), task: words.slice(0, words.length - all.length) };
  }
  return undefined;
};

const readWhen = (phrase: string): When => {
  const unclear = UNCLEAR.find(([pattern]) => new RegExp(`^(?:${pattern})$`).test(phrase));
  if (unclear) return { kind: 'impossible', why: unclear[1], unclear: true };
  const turn = new RegExp(TURN).exec(phrase)?.[0];
  const time = new RegExp(`(?:\\bat |${DATE},? |(?:${WEEKDAY}|day|row|night|ning|noon),? )(${TIME})`).exec(phrase)?.[1];
  const clock = time === undefined ? undefined : inThatPart(phrase, readClock(time));
  if (time !== undefined && !clock) return impossible(`“${time}” is no time of day: say 0:00 to 23:59, or 1am to 12pm`);
  if (turn !== undefined && new RegExp(`${TIME}(?:,? and|,) (?:at )?${TIME}`).test(phrase.replace(turn, '')))
    return impossible('One schedule comes at one time of the day: make one for each');
  if (turn !== undefined) return readTurn(turn, clock);
  return new RegExp(`^(?:(?:in|after) )?${N}[ -]?${UNIT}`).test(phrase) ? readSpan(phrase) : readDay(phrase, clock);
};

interface ClockTime {
  readonly hour: number;
  readonly minute: number;
}

const readClock = (text: string): ClockTime | undefined => {
  if (text === 'midnight') return { hour: 0, minute: 0 };
  if (text === 'noon' || text === 'midday') return { hour: 12, minute: 0 };
  const [, fraction, side, named = '', minutes = '0', half] =
    /^(?:(half|(?:a )?quarter) (past|to) )?([a-z]+|\d{1,2})(?:(?:[:.]| ?h)(\d\d))?h?(?: ?([ap]))?/.exec(text) ?? [];
  const minute = fraction === undefined ? Number(minutes) : fraction === 'half' ? 30 : side === 'past' ? 15 : 45;
  const shown = (HOURS.includes(named) ? HOURS.indexOf(named) : Number(named)) - (side === 'to' ? 1 : 0);
  if (shown < 0 || minute > 59 || shown > 23 || (half !== undefined && (shown < 1 || shown > 12))) return undefined;
  return { hour: half === undefined ? shown : (shown % 12) + (half === 'p' ? 12 : 0), minute };
};

/** `tonight at 8` and `every evening at 6` are no mornings; `every night at 2` is one. */
const inThatPart = (phrase: string, clock: ClockTime | undefined): ClockTime | undefined => {
  if (!clock || clock.hour > 11 || /\d ?[ap]\.?m/.test(phrase)) return clock;
  const isLate = /afternoon|evening/.test(phrase) || (/night(?!\w)(?<!midnight)/.test(phrase) && clock.hour > 4);
  return isLate ? { ...clock, hour: clock.hour + 12 } : clock;
};

const inDigits = ({ hour, minute }: ClockTime): string => [hour, minute].map((part) => String(part).padStart(2, '0')).join(':');

const impossible = (why: string): When => ({ kind: 'impossible', why });

/** Ten years: make_promise takes no more. */
const MAX_SECONDS = 10 * 365 * 86_400;

const readSpan = (phrase: string): When => {
  let seconds = 0;
  for (const [, amount = '', unit = ''] of phrase.matchAll(new RegExp(`(?<![\\w-])(${N})[ -]?(${UNIT})`, 'g'))) {
    if (/^(?:month|year)/.test(unit)) return impossible('Months and years differ in length: say days or weeks, or a date');
    seconds += (NUMBERS[amount] ?? Number(amount)) * (SECONDS[unit[0] ?? ''] ?? 0);
  }
  seconds = Math.round(seconds);
  if (seconds < 1) return impossible('That is not ahead: later is in 1 second or more. For what is to be done now, leave the time out');
  if (seconds > MAX_SECONDS) return impossible('That is too far off: a promise starts within ten years');
  return { kind: 'once', at: isoSpan(seconds) };
};

/** `PT5M`, `P1DT30S`. */
const isoSpan = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  const rest = seconds % 86_400;
  const parts = [
    [Math.floor(rest / 3600), 'H'],
    [Math.floor(rest / 60) % 60, 'M'],
    [rest % 60, 'S'],
  ] as const;
  const time = parts.map(([amount, unit]) => (amount > 0 ? `${amount}${unit}` : '')).join('');
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
};

const PART_OF_DAY: readonly (readonly [RegExp, ClockTime])[] = [
  [/afternoon/, { hour: 15, minute: 0 }],
  [/noon/, { hour: 12, minute: 0 }],
  [/evening/, { hour: 18, minute: 0 }],
  [/night/, { hour: 20, minute: 0 }],
];
/** When no time of day is said. */
const NINE = { hour: 9, minute: 0 };
const usualTime = (phrase: string): ClockTime => PART_OF_DAY.find(([named]) => named.test(phrase))?.[1] ?? NINE;

const weekdaysIn = (phrase: string): number[] =>
  [...phrase.matchAll(new RegExp(`(?<!\\w)${WEEKDAY}`, 'g'))].map(([name]) =>
    WEEKDAYS.findIndex((day) => day.startsWith(name.slice(0, 3))),
  );

const readDay = (phrase: string, clock: ClockTime | undefined): When => {
  const time = inDigits(clock ?? usualTime(phrase));
  const date = new RegExp(DATE).exec(phrase)?.[0];
  if (date !== undefined) return { kind: 'once', at: `${date}T${time}` };
  const day = /tomorrow/.test(phrase)
    ? 'tomorrow'
    : /today|tonight|this (?!\w+day)/.test(phrase)
      ? 'today'
      : WEEKDAYS[weekdaysIn(phrase)[0] ?? -1];
  return { kind: 'once', at: day === undefined ? time : `${day} ${time}` };
};

const FITS = {
  m: 'Minutes that divide an hour evenly can be said: 1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30 or 60',
  h: 'Hours that divide a day evenly can be said: 1, 2, 3, 4, 6, 8, 12 or 24',
};

const readTurn = (turn: string, clock: ClockTime | undefined): When => {
  const phrase = turn
    .replace(/^(?:every|each|once (?:an?|every|each|per)|on) /, '')
    .replace(/(day|end)s\b/g, '$1')
    .replace(/^hourly$/, 'hour')
    .replace(/^(?:daily|everyday)$/, 'day')
    .replace(/ly$/, '');
  const fraction = /^(half|quarter)\b/.exec(phrase)?.[1];
  const [, amount = '1', unit] =
    (fraction ? ['', fraction === 'half' ? '30' : '15', 'minute'] : new RegExp(`^(?:(${N})[ -]?)?(${UNIT})$`).exec(phrase)) ?? [];
  const n = NUMBERS[amount] ?? Number(amount);
  const size = unit?.startsWith('mon') ? 'month' : unit?.[0];
  const atTime = clock ?? usualTime(phrase);
  const { hour, minute } = atTime;
  if (clock !== undefined && (size === 'm' || size === 'h' || size === 's'))
    return impossible('What comes every hour or minute has no time of day: leave one of them out');
  if (size === 's') return impossible('A schedule goes by minutes: every minute is the most often');
  if (size === 'm' || (size === 'h' && n === 0.5)) return everyMinutes(size === 'h' ? 30 : n);
  if (size === 'h')
    return n === 1 || (Number.isInteger(n) && n > 0 && n < 24 && 24 % n === 0)
      ? every(n === 1 ? '0 * * * *' : `0 */${n} * * *`)
      : n === 24
        ? every('0 0 * * *')
        : impossible(FITS.h);
  if (size === 'd' && n === 1) return every(`${minute} ${hour} * * *`);
  if ((size === 'w' && n === 1) || (size === 'd' && n === 7)) return every(`${minute} ${hour} * * 1`);
  if (size === 'month' && n === 1) return every(`${minute} ${hour} 1 * *`);
  if (size === 'y' && n === 1) return every(`${minute} ${hour} 1 1 *`);
  if (size !== undefined || /^other /.test(phrase))
    return impossible('A schedule can’t count days, weeks or months: say every day, every monday, every week or every month');
  if (/^(?:week|work(?:ing)? ?)day$/.test(phrase)) return every(`${minute} ${hour} * * 1-5`);
  if (phrase === 'weekend') return every(`${minute} ${hour} * * 0,6`);
  const days = [...new Set(weekdaysIn(phrase))].toSorted((a, b) => a - b);
  return every(`${minute} ${hour} * * ${days.length > 0 ? days.join(',') : '*'}`);
};

const every = (cron: string): When => ({ kind: 'every', cron });

const everyMinutes = (n: number): When => {
  if (n === 1) return every('* * * * *');
  if (n === 60) return every('0 * * * *');
  return Number.isInteger(n) && n > 0 && 60 % n === 0 ? every(`*/${n} * * * *`) : impossible(FITS.m);
};
