import { requireFreePort } from '../../adapters/http/index.ts';
import { listProcessLocks } from '../../adapters/system/index.ts';
import type { Config } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { type Finding, type HealthProbe, reasonOf } from '../../ports/index.ts';
import { isBotLock } from '../data-dir.ts';
import { asking } from './asking.ts';

type Locks = Awaited<ReturnType<typeof listProcessLocks>>;

/** Whether a bot can listen at HOST and PORT, and a worker at KEPT_METRICS_PORT, or whether they do so already. */
export const portProbe = ({ dataDir, http }: Pick<Config, 'dataDir' | 'http'>, limitMs: number): HealthProbe => {
  const { host, port, metricsPort } = http;
  return asking({
    id: 'system.port',
    depth: 'local',
    limitMs,
    broken: 'fail',
    where: [port, ...(metricsPort === undefined ? [] : [metricsPort])].map((each) => `${host}:${each}`).join(', '),
    help: () => 'see HOST and PORT',
    ask: async () => {
      // Where the data directory can't be looked at, its own check says so.
      const locks = await listProcessLocks(dataDir, { sweeps: false }).catch(() => []);
      const page = await pageFinding(http, locks);
      if (metricsPort === undefined) return page;
      const metrics = await metricsFinding(http, metricsPort, locks);
      const [worse, other] = metrics.status === 'ok' || page.status === 'fail' ? [page, metrics] : [metrics, page];
      return { ...worse, message: `${worse.message}; ${other.message}` };
    },
  });
};

const pageFinding = async (http: Config['http'], locks: Locks): Promise<Finding> => {
  const place = `${http.host}:${http.port}`;
  const bot = locks.find(({ role }) => isBotLock(role));
  if (bot) return { status: 'ok', message: `${place} is used by Kept itself (PID ${bot.pid})` };
  const fault = await faultAt(http);
  if (fault === undefined) return { status: 'ok', message: `${place} is free` };
  return { status: 'fail', message: fault, where: place, fixHint: 'see HOST and PORT' };
};

/** Where processes without a page serve their metrics. */
const metricsFinding = async ({ host, port: pagePort }: Config['http'], port: number, locks: Locks): Promise<Finding> => {
  const setting = 'KEPT_METRICS_PORT';
  const place = `${host}:${port}`;
  const warn = (message: string, fixHint: string): Finding => ({ status: 'warn', message, where: place, fixHint });
  if (port !== 0 && port === pagePort)
    return warn(`PORT and ${setting} are both ${port}: a bot and a worker can't both listen there`, `set ${setting} to another one`);
  const worker = locks.find(({ role }) => !isBotLock(role));
  const fault = await faultAt({ host, port, setting });
  if (worker && fault === undefined && port !== 0)
    return warn(
      `${place} is free, as the running worker (PID ${worker.pid}) serves no metrics`,
      `restart it where ${setting} is set; its log says why it could not listen, if it was`,
    );
  if (worker)
    return {
      status: 'ok',
      message: `${place} is in use; whether by the running worker (PID ${worker.pid}), ${commandHint('status')} tells`,
    };
  return fault === undefined ? { status: 'ok', message: `${place} is free for metrics` } : warn(fault, `see HOST and ${setting}`);
};

const faultAt = (address: Parameters<typeof requireFreePort>[0]): Promise<string | undefined> =>
  requireFreePort(address).then(() => undefined, reasonOf);
