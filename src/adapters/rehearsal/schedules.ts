const DAYS = ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'];

/** When nothing else is said. */
const NINE = { hour: 9, minute: 0 };

export interface Recurring {
  readonly cron: string;
  readonly task: string;
}

/** What is asked for again and again: `every monday at 9:30, list files`, `on schedule 0 9 * * 1-5, list files`; undefined where nothing is. */
export const recurring = (words: string): Recurring | undefined => {
  const [, cron, scheduled] = /^on schedule ((?:\S+ ){4}[^\s,]+(?:,\d[^\s,]*)*),? (.+)$/i.exec(words) ?? [];
  if (cron !== undefined && scheduled !== undefined) return { cron, task: scheduled };
  const [, every = '', hours, minutes, task] = /^every (\w+)(?: at (\d{1,2})[:.](\d\d))?,? (?!at\b)(.+)$/i.exec(words) ?? [];
  if (task === undefined) return undefined;
  const at = hours === undefined ? undefined : { hour: Number(hours), minute: Number(minutes) };
  const found = cronOf(every.toLowerCase(), at);
  return found === undefined ? undefined : { cron: found, task };
};

const cronOf = (every: string, at: typeof NINE | undefined): string | undefined => {
  if (at && (at.hour > 23 || at.minute > 59)) return undefined;
  if (every === 'minute') return at ? undefined : '* * * * *';
  if (every === 'hour') return at ? undefined : '0 * * * *';
  const { hour, minute } = at ?? NINE;
  if (every === 'day') return `${minute} ${hour} * * *`;
  if (every === 'weekday') return `${minute} ${hour} * * 1-5`;
  const day = DAYS.indexOf(every);
  return day < 0 ? undefined : `${minute} ${hour} * * ${day}`;
};
