import { listProcessLocks } from '../adapters/system/index.ts';
import { type Config, type ConfigProblem, pricesBeside } from '../config/index.ts';
import { BUILT_IN_PRICES } from '../domain/budget/prices.ts';
import { commandHint } from '../domain/index.ts';
import { changedSince } from './files-read.ts';
import { findTlsFilesFault } from './preflight.ts';

/** A running process uses the configuration that it read at its start. */
export const staleProblems = async (config: Config): Promise<readonly ConfigProblem[]> =>
  // Where the data directory can't be looked at, its own check says so.
  (await listProcessLocks(config.dataDir, { sweeps: false }).catch(() => [])).flatMap((running) =>
    changedSince(running, config).map((file) => ({
      place: file,
      problem: `changed after PID ${running.pid} started, which still uses what it read then`,
      hint: `restart it: ${commandHint('restart')}`,
      severity: 'warning' as const,
    })),
  );

/** A price can't have been right on a day that is still to come. */
export const pricesAhead = (
  { prices, workspaceConfigPath }: Pick<Config, 'prices' | 'workspaceConfigPath'>,
  now: number,
): readonly ConfigProblem[] =>
  [...prices].flatMap(([name, price]) =>
    // Wherever it is later than here, the day has begun before.
    BUILT_IN_PRICES.get(name) === price || Date.parse(price.asOf) <= now + DAY_MS
      ? []
      : [
          {
            place: `${pricesBeside(workspaceConfigPath)}: ${name}.asOf`,
            problem: `${price.asOf} is still to come`,
            hint: 'write the day on which the price was right',
            severity: 'warning' as const,
          },
        ],
  );

const DAY_MS = 86_400_000;

/** Why the files of TLS can't be used, as a start tells it. */
export const tlsProblems = (config: Config): readonly ConfigProblem[] => {
  const fault = findTlsFilesFault(config);
  return fault === undefined
    ? []
    : [{ place: 'SSL_KEYFILE, SSL_CERTFILE', problem: fault, hint: 'name a key and its certificate, in PEM', severity: 'error' }];
};
