import { makePinoLogger } from '../adapters/pino/index.ts';
import { makeRedactor } from '../adapters/redaction/index.ts';
import { systemClock } from '../adapters/system/index.ts';
import { makeListProcesses, within } from '../application/index.ts';
import type { Config } from '../config/index.ts';
import { type ProcessesReport, reasonOf } from '../ports/index.ts';
import { makeAppContext } from './container.ts';
import { withShortConnect } from './short-connect.ts';
import { TOKENS } from './tokens.ts';

/** A database that takes longer is not waited for. */
const LIMIT_MS = 5_000;
/** The connection is given up before that: it would keep the command from its end. */
const CONNECT_MS = 2_000;

/** What the register says, or why it can't be read. Creates nothing, and never rejects. */
export const readRegister = async (config: Config): Promise<ProcessesReport | { readonly failure: string }> => {
  const { logger } = makePinoLogger({ level: 'error', terminal: 'none', redact: makeRedactor(config.secrets) });
  const { get, lifecycle } = makeAppContext(withShortConnect(config, CONNECT_MS), logger, { asItIs: true });
  const read = async (): Promise<ProcessesReport | { readonly failure: string }> => {
    try {
      const [{ stores }, clock] = await Promise.all([get(TOKENS.storage), get(TOKENS.clock)]);
      return await makeListProcesses({ processes: stores.processes, clock, rule: config.alertRules['process.restarts'] })();
    } catch (error) {
      return { failure: reasonOf(error) };
    } finally {
      await lifecycle.stop();
    }
  };
  return within(systemClock, LIMIT_MS, read(), () => ({ failure: `the database did not answer within ${LIMIT_MS / 1_000} s` }));
};
