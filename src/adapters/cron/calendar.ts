import { Cron } from 'croner';
import { err, isTimeZone, ok } from '../../domain/index.ts';
import type { CronCalendar } from '../../ports/index.ts';

const LONGEST = 200;

/** Cron expressions by croner. Names (`MON`, `JAN`), `L`, `W`, `#` and `@daily` and its like are understood. */
export const cronCalendar: CronCalendar = {
  next: (cron, timeZone, after) => {
    if (!isTimeZone(timeZone))
      return err({
        code: 'schedule/unknown-time-zone',
        message: `there is no time zone ${JSON.stringify(timeZone.slice(0, 60))}: name one as Europe/Berlin or UTC`,
      });
    try {
      const next = expression(cron, timeZone).nextRun(new Date(after));
      if (next) return ok(next.getTime());
      return err({ code: 'schedule/never', message: `${JSON.stringify(cron)} never falls on any day` });
    } catch (error) {
      // An error of croner about an expression that was checked is a bug, not a refusal.
      if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
      return err({
        code: 'schedule/invalid-cron',
        message: `${JSON.stringify(cron.slice(0, LONGEST))} is no cron expression of five fields (minute, hour, day, month, weekday), like 0 9 * * 1-5 or 0 9 * * mon-fri, and none of @hourly, @daily, @weekly, @monthly, @yearly${reason(cron, error)}`,
      });
    }
  },
};

/** Adds details after a colon. Croner speaks of numbers where names were written. */
const reason = (cron: string, { message }: Error): string => {
  if (/^\s*@/.test(cron) && cron.length <= LONGEST) return '';
  if (/From value is larger/.test(message))
    return ': a range goes from the smaller to the larger, and a week from Sunday to Saturday; name them one by one, as fri,sat,sun,mon';
  return `: ${message.replace(/^Cron\w+: /, '')}`;
};

const expression = (cron: string, timezone: string): Cron => {
  if (cron.length > LONGEST) throw new RangeError(`it has more than ${LONGEST} characters`);
  // Croner takes a date, too, for a single run.
  if (!/^\s*(@\w+|\S+(\s+\S+){4})\s*$/.test(cron)) throw new TypeError('five fields are expected');
  return new Cron(cron.trim(), { paused: true, timezone, mode: '5-part', fixedTimeRule: 'no-wildcard' });
};
