import { readFileSync } from 'node:fs';
import { findTlsFault, requireFreePort } from '../adapters/http/index.ts';
import { requireRoom } from '../adapters/probes/index.ts';
import { ProcessLockHeldError, readProcessLock } from '../adapters/system/index.ts';
import type { Config } from '../config/index.ts';
import { isPortError, PortError, reasonOf } from '../ports/index.ts';
import { lockName, type Role } from './data-dir.ts';
import { findDataDirFault, SettingsError } from './open-data-dir.ts';

/**
 * Checks, before anything is created or changed, what would make a start fail: a data directory that can't be written
 * or is full, another process on it, a key that does not fit its certificate, a port that is taken.
 */
export const requireStartable = async (
  role: Role,
  config: Config,
  { sharesPort = false }: { readonly sharesPort?: boolean } = {},
): Promise<void> => {
  requirePlace(config);
  if (role === 'worker') return;
  const holder = await readProcessLock(config.dataDir, lockName(role));
  if (holder) throw new ProcessLockHeldError(lockName(role), config.dataDir, holder.pid);
  requireTlsFiles(config);
  await requirePort(config, sharesPort);
};

/** The data directory can be written, or made, and has room. */
export const requirePlace = ({ dataDir }: Pick<Config, 'dataDir'>): void => {
  const fault = findDataDirFault(dataDir);
  if (fault) throw new SettingsError(`KEPT_DATA_DIR: ${fault.problem}: ${fault.hint}.`);
  requireRoom(dataDir);
};

export const requireTlsFiles = (config: Config): void => {
  const fault = findTlsFilesFault(config);
  if (fault !== undefined) throw new SettingsError(`SSL_KEYFILE, SSL_CERTFILE: ${fault}.`);
};

/** Why the TLS files can't be used. Undefined if they can, or if none are set. */
export const findTlsFilesFault = ({ http: { tls } }: Config): string | undefined => {
  if (!tls) return undefined;
  try {
    return findTlsFault({ key: readFileSync(tls.keyFile), cert: readFileSync(tls.certFile) });
  } catch (error) {
    return `a file can't be read (${reasonOf(error)})`;
  }
};

export const requirePort = async ({ http }: Config, isShared: boolean): Promise<void> => {
  try {
    await requireFreePort({ ...http, isShared });
  } catch (error) {
    const other = await whoListens(http);
    if (other === undefined || !isPortError(error)) throw error;
    throw new PortError('unavailable', `${error.message}. It is another Kept: ${other}`, { retryable: false, cause: error });
  }
};

const ANSWER_MS = 1_000;

/**
 * The Kept that answers at that address, if it is one and says so. It is asked without the token: whoever has the port
 * may be anybody.
 */
const whoListens = async ({ host, port, tls }: Config['http']): Promise<string | undefined> => {
  const name = ['0.0.0.0', '::'].includes(host) ? 'localhost' : host.includes(':') ? `[${host.replace(/^\[|\]$/g, '')}]` : host;
  try {
    const reply = await fetch(`${tls ? 'https' : 'http'}://${name}:${port}/health`, {
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    const { pid, storage } = (await reply.json()) as { readonly pid?: unknown; readonly storage?: unknown };
    return typeof pid === 'number' && typeof storage === 'string' ? `PID ${pid}, ${storage}` : undefined;
  } catch {
    // Something else uses the port, or does not answer: the port is reported as taken.
    return undefined;
  }
};
