import type { z } from 'zod';

/** What is wrong with a value of YAML, in words. A message of a schema's own is kept. */
export const issueWords = (issue: z.core.$ZodIssue): string => {
  switch (issue.code) {
    case 'custom':
      return issue.message;
    case 'invalid_type':
      return / undefined$/.test(issue.message) ? 'is missing' : `must be ${KINDS[issue.expected] ?? 'something else'}`;
    case 'invalid_union':
      return 'must be a list of names';
    case 'too_small':
      return issue.origin === 'string' || issue.origin === 'array' ? 'must not be empty' : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string' ? `is longer than ${issue.maximum} characters` : `must be at most ${issue.maximum}`;
    default:
      return 'is not what it should be here';
  }
};

const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'keys with values, each in a line of its own',
  record: 'keys with values, each in a line of its own',
};
