import { isTimeZone } from '../domain/shared/time.ts';
import type { ConfigProblem } from './problems.ts';
import { warning } from './problems.ts';

/**
 * The time zone: the configured one, else that of `TZ`, else that of the machine. UTC if all three are missing, as in a
 * bare container. A `TZ` that is no IANA name also means UTC, with a warning: Node.js and the system would not report
 * it.
 */
export const readTimeZone = (
  configured: string | undefined,
  tz: string | undefined,
): { readonly timeZone: string; readonly problems: readonly ConfigProblem[] } => {
  const found = configured ?? namedBy(tz);
  if (found !== undefined) return { timeZone: found, problems: [] };
  const hint = 'give it an IANA name, such as Europe/Berlin, or set KEPT_TIME_ZONE';
  const problems =
    tz === undefined ? [] : [warning('TZ', `${JSON.stringify(tz.slice(0, 40))} is no time zone: all clocks are taken to show UTC`, hint)];
  return { timeZone: 'UTC', problems };
};

const namedBy = (tz: string | undefined): string | undefined => {
  // The colon is POSIX: https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap08.html#tag_08_03
  const name = tz?.trim().replace(/^:/, '');
  // A path points to the machine's own time zone.
  const asked = name === undefined || name.startsWith('/') ? new Intl.DateTimeFormat().resolvedOptions().timeZone : name;
  return asked !== undefined && isTimeZone(asked) ? asked : undefined;
};
