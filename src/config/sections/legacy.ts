import { type ConfigProblem, warning } from '../problems.ts';
import type { Values } from '../section.ts';
import { secretText, text } from '../variable-kinds.ts';

/** Variables of earlier versions. They decide nothing, and each is a warning. */
export const legacyVariables = {
  REDIS_URL: secretText(),
  TELEGRAM_ALLOW_DMS: text(),
};

export const legacyProblems = (env: Values<typeof legacyVariables>): ConfigProblem[] => {
  const problems: ConfigProblem[] = [];
  if (env.REDIS_URL !== undefined)
    problems.push(warning('REDIS_URL', 'Redis is no longer used: promises are kept with the other data', 'leave REDIS_URL unset'));
  if (env.TELEGRAM_ALLOW_DMS !== undefined)
    problems.push(
      warning(
        'TELEGRAM_ALLOW_DMS',
        'this is a legacy setting that no longer decides anything',
        'dm_whitelist says who may send direct messages',
      ),
    );
  return problems;
};
