import type { Values } from '../section.ts';
import { oneOf } from '../variable-kinds.ts';

/**
 * Variables that are read and checked, and that nothing uses yet: what depends on the kind of installation comes with a
 * later stage. The reference says so, too.
 */
export const notUsedYetVariables = {
  ENVIRONMENT: oneOf({ development: 'development', test: 'test', staging: 'staging', production: 'production' } as const),
};

export interface NotUsedYet {
  readonly environment: 'development' | 'test' | 'staging' | 'production';
}

export const readNotUsedYet = (env: Values<typeof notUsedYetVariables>): NotUsedYet => ({
  environment: env.ENVIRONMENT ?? 'development',
});
