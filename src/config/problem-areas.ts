import { SECRET_VARIABLES, VARIABLE_NAMES } from './environment.ts';
import type { ConfigProblem } from './problems.ts';
import { OPEN_FILE } from './process-config.ts';
import { EFFECT } from './unknown-variables.ts';

/** What a problem is about: a variable, one that holds a secret, the rights of a file, or what stands in a file. */
export type ProblemArea = 'variable' | 'key' | 'mode' | 'file';

export const problemArea = ({ place, problem }: Pick<ConfigProblem, 'place' | 'problem'>): ProblemArea => {
  if (problem === OPEN_FILE) return 'mode';
  const names = place.split(', ');
  if (names.some((name) => SECRET_VARIABLES.some((known) => known === name))) return 'key';
  if (problem === EFFECT || names.every((name) => VARIABLE_NAMES.some((known) => known === name))) return 'variable';
  return 'file';
};
