import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { release } from 'node:os';
import type { Config } from '../../config/index.ts';
import type { HealthReport } from '../../domain/index.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';
import type { Redact } from '../../ports/index.ts';
import { logPath } from '../data-dir.ts';
import { HUNG_WORDS, type Hung } from '../hung-disk.ts';
import { VERSION } from '../version.ts';
import { withoutPeople } from './without-people.ts';

/** How much of the end of the log is read, and how many lines of it are told. */
const LOG_BYTES = 512 * 1024;
const MAX_LINES = 20;
/** So many files that were put aside are looked at, the newest first. */
const MAX_ASIDE = 5;
const MAX_LENGTH = 300;

/**
 * One text to paste where somebody helps: versions, settings without secrets, checks, and the last errors of the log.
 * It names no person and no chat of the configuration; what looks like a secret is taken out.
 */
export const reportText = (
  {
    config,
    report,
    at,
    hung,
  }: { readonly config: Config; readonly report: HealthReport; readonly at: Date; readonly hung?: Hung | undefined },
  redact: Redact,
): string => {
  const checks = report.checks.map(
    ({ id, status, message, fixHint }) => `${status.padEnd(7)} ${id}: ${message}${fixHint && status !== 'ok' ? ` (${fixHint})` : ''}`,
  );
  const parts = [
    ['Kept', [`${VERSION} on Node ${process.versions.node}, ${process.platform} ${process.arch} ${release()}`, at.toISOString()]],
    ['Settings', settingLines(config)],
    [`Checks: ${report.status}`, checks],
    ['Last errors of the log', hung === 'data' ? [`not read: ${HUNG_WORDS}`] : lastErrors(logPath(config.dataDir))],
  ] as const;
  const text = parts.map(([title, lines]) => `## ${title}\n${lines.map((line) => `- ${line}`).join('\n')}`).join('\n\n');
  return withoutPeople(config.policy)(redact(text));
};

/** What is set, in names and numbers. */
const settingLines = (config: Config): readonly string[] => {
  const { models, policy, promises, telegram, coding, mcp, http, database, search, notion, traces } = config;
  const has = (value: unknown): string => (value === undefined ? 'not used' : 'used');
  return [
    `storage: ${database ? 'PostgreSQL' : 'SQLite'}`,
    `models: ${models.order.join(', then ')}`,
    `workspaces: ${policy.workspaces.length}, people: ${policy.people?.size ?? 0}`,
    `telegram: ${telegram ? (telegram.botToken === undefined ? "a person's account" : 'a bot') : 'not used'}`,
    `promises: ${promises.worker.concurrency} at a time`,
    `coding agent: ${coding.agent?.kind ?? 'not used'}`,
    `mcp servers: ${mcp.servers.map(({ name }) => name).join(', ') || 'none'}`,
    `http: ${http.host}:${http.port}, TLS ${has(http.tls)}, access by token ${has(http.apiToken)}`,
    `search: ${has(search.perplexity)}, notion: ${has(notion)}, traces: ${has(traces)}`,
    `log level: ${config.logLevel}`,
  ];
};

/** The last lines of the log that tell a warning or an error: when, what, and the words of the error. */
const lastErrors = (path: string): readonly string[] => {
  const lines = endOf(path).split('\n').flatMap(errorIn);
  return lines.length === 0 ? ['none'] : lines.slice(-MAX_LINES);
};

const errorIn = (line: string): readonly string[] => {
  try {
    const { level, time, msg, area, place, reason, error } = JSON.parse(line) as Readonly<Record<string, unknown>>;
    if (level !== 'error' && level !== 'warn') return [];
    const why = [place, reason, error].filter((one) => typeof one === 'string').join(' ');
    return [
      lineExcerpt(`${String(time)} ${level} ${area === undefined ? '' : `${String(area)}: `}${String(msg)} ${why}`.trim(), MAX_LENGTH),
    ];
  } catch {
    // The first line is cut; others of that kind are no lines of the log.
    return [];
  }
};

/** The end of the log, also of what was put aside a moment ago. */
const endOf = (path: string): string => {
  let text = '';
  for (let aside = 0; aside <= MAX_ASIDE && text.length < LOG_BYTES; aside++)
    text = `${endOfFile(aside === 0 ? path : `${path}.${aside}`, LOG_BYTES - text.length)}${text}`;
  return text;
};

const endOfFile = (path: string, bytes: number): string => {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    // No process has written one yet, or it can't be read: the checks say so.
    return '';
  }
  try {
    const { size } = fstatSync(file);
    const part = Buffer.alloc(Math.min(size, bytes));
    const length = readSync(file, part, 0, part.length, Math.max(0, size - part.length));
    return part.toString('utf8', 0, length);
  } finally {
    closeSync(file);
  }
};
