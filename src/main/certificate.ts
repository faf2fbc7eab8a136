import { readFile, stat } from 'node:fs/promises';
import { findTlsFault, type HttpServer, type TlsPair, validityOf } from '../adapters/http/index.ts';
import type { Config } from '../config/index.ts';
import { type Clock, type Events, reasonOf } from '../ports/index.ts';

type TlsFiles = NonNullable<Config['http']['tls']>;

/** Renewed files are taken over once they have held still for as long as this. */
const EACH_MS = 1_000;

export interface CertificateWatch {
  /** Takes over a renewed pair that holds still. Never rejects. */
  look(): Promise<void>;
  start(): void;
  /** Resolves once no look goes on. */
  stop(): Promise<void>;
}

/**
 * Follows the files of TLS. Connections that are open stay as they are; new ones get the renewed certificate. A pair
 * that can't be used changes nothing. Files are looked at, and not watched, as those of the configuration are.
 */
export const makeCertificateWatch = ({
  files,
  first,
  use,
  clock,
  events,
}: {
  readonly files: TlsFiles;
  /** What the server was given. */
  readonly first: TlsPair;
  readonly use: HttpServer['useTls'];
  readonly clock: Pick<Clock, 'after'>;
  readonly events: Events;
}): CertificateWatch => {
  let inUse = first;
  let isFirst = true;
  let handled: string | undefined;
  let seen: string | undefined;

  const takeOver = async (): Promise<void> => {
    const pair = await readTlsFiles(files);
    const isSame = pair.cert.equals(inUse.cert) && pair.key.equals(inUse.key);
    // What was read for the server may be older than what was read as the first pair.
    if (isSame && !isFirst) return;
    const fault = findTlsFault(pair);
    if (fault !== undefined) throw new Error(fault);
    use(pair);
    isFirst = false;
    if (!isSame) events.emit({ type: 'http-noticed', notice: 'certificate-renewed', facts: validUntil(pair) });
    inUse = pair;
  };
  const look = async (): Promise<void> => {
    const now = await stampOf(files);
    const holdsStill = now === seen;
    seen = now;
    if (!holdsStill || now === handled) return;
    handled = now;
    try {
      await takeOver();
    } catch (error) {
      events.emit({ type: 'http-noticed', notice: 'certificate-refused', facts: { ...files, reason: reasonOf(error) } });
    }
  };

  let looking: Promise<void> = Promise.resolve();
  let cancel = (): void => undefined;
  let isStopped = false;
  const next = (): void => {
    cancel = clock.after(EACH_MS, () => {
      looking = look().then(() => {
        if (!isStopped) next();
      });
    });
  };
  return {
    look,
    start: next,
    stop: async () => {
      isStopped = true;
      cancel();
      await looking;
    },
  };
};

export const readTlsFiles = async ({ keyFile, certFile }: TlsFiles): Promise<TlsPair> => {
  const [key, cert] = await Promise.all([readFile(keyFile), readFile(certFile)]);
  return { key, cert };
};

/** Changes with each way of replacing a file: in place, by another of that name, by a link to another. */
const stampOf = async ({ keyFile, certFile }: TlsFiles): Promise<string> => {
  const stamps = [keyFile, certFile].map((path) =>
    stat(path).then(
      ({ ino, size, mtimeMs, ctimeMs }) => `${ino} ${size} ${mtimeMs} ${ctimeMs}`,
      // What is wrong with it is told where it is read.
      () => 'unreadable',
    ),
  );
  return (await Promise.all(stamps)).join(', ');
};

const validUntil = ({ cert }: TlsPair): { readonly validUntil: string } => ({ validUntil: new Date(validityOf(cert).until).toISOString() });
