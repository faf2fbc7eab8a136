import { createHash } from 'node:crypto';
import type { Alert } from '../../domain/alert/alert.ts';
import { excerpt, lineExcerpt } from '../../domain/shared/excerpt.ts';

/** Longer ones are cut; a rule's own are far shorter. */
const MAX_TITLE = 300;
const MAX_DETAIL = 2_000;

/** Who speaks: several installations may alert by one service. */
export interface AlertOrigin {
  /** The id of the storage: of one installation, whichever machine leads. Empty: not known. */
  readonly instance: string;
  /** This machine. */
  readonly host: string;
}

/** `From Kept on mira (3f2a91c0)` */
export const originLines = (origin: AlertOrigin | undefined): readonly string[] => {
  if (!origin) return [];
  const id = origin.instance === '' ? '' : ` (${origin.instance.slice(0, 8)})`;
  return [lineExcerpt(`From Kept on ${origin.host.toWellFormed()}${id}`, MAX_TITLE)];
};

/** An alert as every service takes it: a title of one line, bounded texts, no control characters. */
export const boundedAlert = (alert: Alert): Alert => ({
  ...alert,
  key: lineExcerpt(alert.key.toWellFormed(), MAX_TITLE),
  title: lineExcerpt(alert.title.toWellFormed(), MAX_TITLE),
  detail: excerpt(printable(alert.detail), MAX_DETAIL),
});

/** Without control characters, but line ends and tabs; what was half of a character becomes a sign for that. */
const printable = (text: string): string =>
  text
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, ' ')
    .toWellFormed()
    .trim();

export const isoTime = (at: number): string => new Date(at).toISOString();

/** Names one state of one incident, the same in every process. */
export const stateName = ({ key, startedAt, status }: Alert): string =>
  createHash('sha256')
    .update(JSON.stringify([key, startedAt, status]))
    .digest('hex')
    .slice(0, 32);

/** `CRITICAL No worker is running`, `OVER No worker is running` */
export const headline = ({ status, severity, title }: Alert): string => `${status === 'firing' ? severity.toUpperCase() : 'OVER'} ${title}`;

/** One headline for several: of the worst that fires, and how many there are. */
export const headlineOf = (alerts: readonly Alert[]): string => {
  const rank = ({ status, severity }: Alert): number =>
    status === 'firing' ? ['critical', 'error', 'warning', 'info'].indexOf(severity) : 4;
  const [first] = alerts.toSorted((a, b) => rank(a) - rank(b));
  if (!first) return '';
  return alerts.length === 1 ? headline(first) : `${headline(first)}, and ${alerts.length - 1} more`;
};
