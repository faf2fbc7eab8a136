import type { Goal } from '../goal.ts';
import { APPROVALS } from './approvals.ts';
import { CODE } from './code.ts';
import { DEEDS } from './deeds.ts';
import { ECHOES } from './echoes.ts';
import { MATRIX } from './matrix.ts';
import { MONEY } from './money.ts';
import { PEOPLE } from './people.ts';
import { REACH } from './reach.ts';
import { SECRETS } from './secrets.ts';

/** Every goal that the enemy has. */
export const GOALS: readonly Goal[] = [...MATRIX, ...REACH, ...PEOPLE, ...CODE, ...SECRETS, ...MONEY, ...ECHOES, ...APPROVALS, ...DEEDS];
