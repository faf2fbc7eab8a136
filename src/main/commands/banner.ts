import type { Config } from '../../config/index.ts';
import { commandHint, plural } from '../../domain/index.ts';
import { pingLines } from '../ping-lines.ts';
import type { Started } from '../started.ts';
import { unusedMetricsPort } from '../unused-metrics-port.ts';
import { VERSION } from '../version.ts';

/** The first thing that a person sees: what runs, where, and with what. */
export const banner = (started: Started, config: Config, keptBy = `made and delivered here, kept by ${commandHint('worker')}`): string => {
  const { policy, promises } = config;
  const unused = unusedMetricsPort(started.url, config);
  const lines: (readonly [string, string])[] = [
    ...(started.url === undefined ? [] : [['page and API', started.url] as [string, string]]),
    ...(unused ? [['metrics', unused.problem] as [string, string]] : []),
    ...(started.metricsUrl === undefined ? [] : [['metrics', started.metricsUrl] as [string, string]]),
    ...(started.telegram === undefined ? [] : [['telegram', started.telegram] as [string, string]]),
    [
      'model',
      started.model +
        (config.models.order[0] === 'rehearsal' ? ' (no API key is set: this is the offline rehearsal model; see .env.example)' : ''),
    ],
    ['storage', started.storage],
    ['directory', policy.whitelist.defaultDirectory],
    ['workspaces', policy.workspaces.map(({ name }) => name).join(', ') || 'none'],
    ...(started.role === 'bot' || started.role === 'standby'
      ? [['promises', keptBy] as [string, string]]
      : [['promises', `kept here, ${promises.worker.concurrency} at a time`] as [string, string]]),
    ...(started.selfPing ? pingLines(started.selfPing) : []),
    ...(started.role === 'start' && config.models.order[0] === 'rehearsal' ? [trick(started.pid)] : []),
  ];
  return [
    `Kept ${VERSION} is running: ${roleName[started.role]} (PID ${started.pid})`,
    ...(started.standsByFor === undefined
      ? []
      : [`  Another bot answers (${started.standsByFor}); this one stands by, and takes over within seconds if that one stops.`]),
    ...lines.map(([name, value]) => `  ${name.padEnd(13)} ${value}`),
  ].join('\n');
};

/** The same of several processes, and who keeps them running. The first of them is the bot. */
export const supervisorBanner = (started: readonly Started[], config: Config, supervisor: number): string => {
  const [bot, ...others] = started;
  if (!bot) return '';
  const names = [...new Set(others.map(({ role }) => role))].map((role) => {
    const pids = others.filter((one) => one.role === role).map(({ pid }) => pid);
    return `${pids.length === 1 ? roleName[role] : `${pids.length} ${roleName[role]}s`} (PID ${pids.join(', ')})`;
  });
  const workers = others.filter(({ role }) => role === 'worker').length;
  const keptBy = `kept by ${plural(workers, 'worker')}, ${config.promises.worker.concurrency} each at a time`;
  return [
    banner(bot, config, keptBy),
    `  ${'supervisor'.padEnd(13)} PID ${supervisor} keeps running: bot (PID ${bot.pid}), ${names.join(', ')}`,
  ].join('\n');
};

/** What a newcomer without a key can try first. */
const trick = (pid: number): readonly [string, string] => [
  'to try',
  `say “in the background, count to 30 slowly”, then \`kill -9 ${pid}\`, then start again: the result still comes`,
];

const roleName = { start: 'bot and worker', bot: 'bot', standby: 'standby', worker: 'worker' } as const;
