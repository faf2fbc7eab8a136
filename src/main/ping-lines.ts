import type { PingReport, PingReports } from '../domain/index.ts';

/** Each self-ping with its name. */
export const pingLines = ({ local, telegram }: PingReports): readonly (readonly [string, string])[] => [
  ['self-ping', inWords(local)],
  ...(telegram ? [['  on Telegram', inWords(telegram)] as const] : []),
];

const inWords = ({ ms, detail }: PingReport): string => (ms === undefined ? `FAILED: ${detail}; see the log` : `ok, ${ms} ms ${detail}`);
