import type { Config } from '../config/index.ts';
import type { HealthReport } from '../domain/index.ts';
import type { Logger } from '../ports/index.ts';
import { makeRoot } from './container.ts';
import { TOKENS } from './tokens.ts';

/** The health CLI's composition: looks at the stored state beside whatever is running, and at nothing else. */
export const checkHealth = async (config: Config, logger: Logger): Promise<HealthReport> => {
  const { get, lifecycle } = makeRoot(config, logger);
  try {
    return await (await get(TOKENS.commands)).checkHealth();
  } finally {
    await lifecycle.stop();
  }
};
