import type { z } from 'zod';
import { type ConfigProblem, error } from './problems.ts';

/** What is wrong with the value at `at`, where no key of it is unknown. */
export const wrongShape = (at: string, issue: z.core.$ZodIssue): ConfigProblem => {
  if (issue.code === 'invalid_type') {
    const expected = SHAPES[issue.expected] ?? issue.expected;
    return / undefined$/.test(issue.message)
      ? error(at, 'this required key is missing', `add it: ${expected}`)
      : error(at, `this must be ${expected}`, SHAPE_HINTS[issue.expected] ?? 'see docs/reference/configuration.md');
  }
  if (issue.code === 'too_small') return error(at, 'this must not be empty', 'write a value, or leave the key out where it is optional');
  if (issue.code === 'invalid_union') return error(at, 'this must be a text or a whole number', 'write ids like "-1001234567890"');
  return error(at, issue.code === 'custom' ? issue.message : 'this is not what it should be', 'see docs/reference/configuration.md');
};

const SHAPES: Readonly<Record<string, string>> = {
  string: 'a text in double quotes',
  array: 'a list in [ ]',
  object: 'an object in { }',
  record: 'an object in { }',
  boolean: 'true or false',
  number: 'a number',
};
const SHAPE_HINTS: Readonly<Record<string, string>> = {
  boolean: 'write true or false without quotes',
  number: 'write it without quotes and signs: 5 or 0.25',
};
