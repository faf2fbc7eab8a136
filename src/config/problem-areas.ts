import { FILE_VARIABLES, SECRET_VARIABLES, VARIABLE_NAMES } from './environment.ts';
import type { ConfigProblem } from './problems.ts';
import { EFFECT } from './unknown-variables.ts';

/**
 * What a problem is about: a variable, one that holds a secret, the rights of a file, what stands in a file, or what
 * production alone forbids.
 */
export type ProblemArea = 'variable' | 'key' | 'mode' | 'file' | 'production';

export const problemArea = ({
  place,
  problem,
  openFile,
  ofProduction,
}: Pick<ConfigProblem, 'place' | 'problem' | 'openFile' | 'ofProduction'>): ProblemArea => {
  if (openFile !== undefined) return 'mode';
  if (ofProduction) return 'production';
  const names = place.split(', ');
  if (names.some((name) => [...SECRET_VARIABLES, ...FILE_VARIABLES].some((known) => known === name))) return 'key';
  if (problem === EFFECT || names.every((name) => VARIABLE_NAMES.some((known) => known === name))) return 'variable';
  return 'file';
};
