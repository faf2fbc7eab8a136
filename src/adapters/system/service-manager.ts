import { spawn } from 'node:child_process';

/** What a service manager is told: `READY`, `STATUS` and so on, as `man sd_notify` has them. */
export type ServiceFields = Readonly<Record<string, string | number>>;

/** systemd, as it runs this process with `Type=notify`. */
export interface ServiceManager {
  /** How often it wants a sign of life, in ms; absent: it wants none. */
  readonly watchdogMs?: number;
  /** Tells it, after whatever was told before. Rejects where it can't be told. */
  tell(fields: ServiceFields): Promise<void>;
}

/** A manager that has not taken a word by then is not waited for. */
const LIMIT_MS = 5_000;

/**
 * The service manager that runs this process; undefined where none wants to be told. Takes its variables out of `env`,
 * so that no child of this process speaks in its name. Node has no datagram sockets of Unix: `systemd-notify`, which
 * comes with systemd, sends each word, and waits until it was taken.
 */
export const takeServiceManager = (
  env: Record<string, string | undefined>,
  { pid = process.pid, program = 'systemd-notify' }: { readonly pid?: number; readonly program?: string } = {},
): ServiceManager | undefined => {
  const { NOTIFY_SOCKET: socket, WATCHDOG_USEC: usec, WATCHDOG_PID: watched, PATH = '' } = env;
  for (const name of ['NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID']) delete env[name];
  if (socket === undefined || socket === '') return undefined;
  // Another process is watched: the one that started this one, say.
  const isWatched = watched === undefined || Number(watched) === pid;
  const watchdogMs = isWatched ? Math.floor(Number(usec ?? 0) / 1_000) : 0;
  let told: Promise<void> = Promise.resolve();
  return {
    ...(watchdogMs > 0 ? { watchdogMs } : {}),
    tell: (fields) => {
      const telling = told.then(() => send(program, { NOTIFY_SOCKET: socket, PATH }, fields));
      told = telling.catch(() => undefined);
      return telling;
    },
  };
};

const send = (program: string, env: Record<string, string>, fields: ServiceFields): Promise<void> =>
  new Promise((resolve, reject) => {
    const words = Object.entries(fields).map(([name, value]) => `${name}=${String(value).replace(/\s+/g, ' ')}`);
    const child = spawn(program, words, { env, stdio: 'ignore', timeout: LIMIT_MS, killSignal: 'SIGKILL' });
    child.once('error', (error) => reject(new Error(`${program} can't be run: ${error.message}`, { cause: error })));
    child.once('exit', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${signal ?? `exit code ${code}`}`));
    });
  });
