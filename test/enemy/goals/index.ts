import type { Goal } from '../goal.ts';
import { MATRIX } from './matrix.ts';

export const GOALS: readonly Goal[] = [...MATRIX];
