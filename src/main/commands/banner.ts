import type { Config } from '../../config/index.ts';
import { databasePath } from '../data-dir.ts';
import type { Started } from '../run-process.ts';
import type { PingReport, PingReports } from '../self-ping.ts';
import { VERSION } from '../version.ts';

/** What runs, where, with what: the first thing that a person sees. */
export const banner = (started: Started, config: Config): string => {
  const { policy, promises, dataDir } = config;
  const lines: (readonly [string, string])[] = [
    ...(started.url === undefined ? [] : [['page and API', started.url] as [string, string]]),
    ...(started.telegram === undefined ? [] : [['telegram', started.telegram] as [string, string]]),
    ['model', started.model + (config.models.order[0] === 'rehearsal' ? ' (no key is set: it rehearses, offline; see .env.example)' : '')],
    ['storage', `SQLite, ${databasePath(dataDir)}`],
    ['directory', policy.whitelist.defaultDirectory],
    ['workspaces', policy.workspaces.map(({ name }) => name).join(', ') || 'none'],
    ...(started.role === 'bot'
      ? [['promises', 'made and delivered here, kept by `kept worker`'] as [string, string]]
      : [['promises', `kept here, ${promises.concurrency} at a time`] as [string, string]]),
    ...(started.selfPing ? pingLines(started.selfPing) : []),
  ];
  return [
    `Kept ${VERSION} is running: ${roleName[started.role]} (PID ${started.pid})`,
    ...lines.map(([name, value]) => `  ${name.padEnd(13)} ${value}`),
  ].join('\n');
};

const roleName = { start: 'bot and worker', bot: 'bot', worker: 'worker' } as const;

/** Each self-ping with its name. */
export const pingLines = ({ local, telegram }: PingReports): readonly (readonly [string, string])[] => [
  ['self-ping', inWords(local)],
  ...(telegram ? [['  on Telegram', inWords(telegram)] as const] : []),
];

const inWords = ({ ms, detail }: PingReport): string => (ms === undefined ? `FAILED: ${detail}; see the log` : `ok, ${ms} ms ${detail}`);
