import type { Task } from '../task.ts';
import { ACTING } from './acting.ts';
import { DECIDING } from './deciding.ts';
import { READING } from './reading.ts';

/** Everyday work. */
export const TASKS: readonly Task[] = [...READING, ...DECIDING, ...ACTING];
