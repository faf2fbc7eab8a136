import { findTlsFault, validityOf } from '../../adapters/http/index.ts';
import type { Config } from '../../config/index.ts';
import { durationWords } from '../../domain/index.ts';
import type { Clock, Finding, HealthProbe } from '../../ports/index.ts';
import { readTlsFiles } from '../certificate.ts';
import { asking } from './asking.ts';

const LIMIT_MS = 2_000;
/** Whoever renews certificates by themselves does so earlier. */
const SOON_MS = 14 * 24 * 60 * 60_000;

const FIX = 'renew it, and put key and certificate in the place of these files: a running server takes them over by itself';

/** Whether the certificate can be used, and for how long it is valid. */
export const certificateProbe = (
  tls: NonNullable<Config['http']['tls']>,
  clock: Pick<Clock, 'now'>,
  read: typeof readTlsFiles = readTlsFiles,
): HealthProbe => {
  const where = tls.certFile;
  return asking({
    id: 'http.certificate',
    depth: 'local',
    limitMs: LIMIT_MS,
    broken: 'fail',
    where,
    help: () => 'see SSL_KEYFILE and SSL_CERTFILE',
    ask: async (): Promise<Finding> => {
      const pair = await read(tls);
      const fault = findTlsFault(pair);
      if (fault !== undefined)
        return {
          status: 'fail',
          message: `${fault}; a running server goes on with the one before`,
          where,
          fixHint: 'see SSL_KEYFILE and SSL_CERTFILE',
        };
      const { from, until } = validityOf(pair.cert);
      const now = clock.now();
      if (now < from)
        return {
          status: 'fail',
          message: `the certificate is not valid before ${day(from)}`,
          where,
          fixHint: 'see the clock of this machine',
        };
      if (now >= until) return { status: 'fail', message: `the certificate has expired on ${day(until)}`, where, fixHint: FIX };
      const message = `the certificate is valid until ${day(until)}, for another ${durationWords(until - now)}`;
      return until - now <= SOON_MS ? { status: 'warn', message, where, fixHint: FIX } : { status: 'ok', message };
    },
  });
};

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
