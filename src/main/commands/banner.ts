import type { Config } from '../../config/index.ts';
import { databasePath } from '../data-dir.ts';
import type { Started } from '../run-process.ts';
import { VERSION } from '../version.ts';

/** What runs, where, with what: the first thing that a person sees. */
export const banner = (started: Started, config: Config): string => {
  const { policy, promises, dataDir } = config;
  const lines: [string, string][] = [
    ...(started.url === undefined ? [] : [['page and API', started.url] as [string, string]]),
    ...(started.telegram === undefined ? [] : [['telegram', started.telegram] as [string, string]]),
    ['model', started.model + (config.models.order[0] === 'rehearsal' ? ' (no key is set: it rehearses, offline; see .env.example)' : '')],
    ['storage', `SQLite, ${databasePath(dataDir)}`],
    ['directory', policy.whitelist.defaultDirectory],
    ['workspaces', policy.workspaces.map(({ name }) => name).join(', ') || 'none'],
    ...(started.role === 'bot'
      ? [['promises', 'made and delivered here, kept by `kept worker`'] as [string, string]]
      : [['promises', `kept here, ${promises.concurrency} at a time`] as [string, string]]),
    ...(started.role === 'worker' ? [] : [['self-ping', selfPing(started)] as [string, string]]),
  ];
  return [
    `Kept ${VERSION} is running: ${roleName[started.role]} (PID ${started.pid})`,
    ...lines.map(([name, value]) => `  ${name.padEnd(13)} ${value}`),
  ].join('\n');
};

const roleName = { start: 'bot and worker', bot: 'bot', worker: 'worker' } as const;

const selfPing = ({ selfPingMs, selfPingProblem }: Started): string =>
  selfPingMs === undefined ? `FAILED: ${selfPingProblem}; see the log` : `ok, ${selfPingMs} ms from message to delivered answer`;
