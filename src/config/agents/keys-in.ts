import { makeSecretFinder } from '../../domain/redaction/redactor.ts';
import { type ConfigProblem, warning } from '../problems.ts';
import { MAX_FILE_LENGTH } from './front-matter.ts';

/** Keys and passwords in a file that models are shown: the lines where they stand, and not what they are. */
export const keysIn = (file: string, text: string): readonly ConfigProblem[] => {
  const lines = new Set(findSecrets(text.slice(0, MAX_FILE_LENGTH)).map(({ start }) => text.slice(0, start).split('\n').length));
  return [...lines]
    .slice(0, MAX_LINES)
    .map((line) => warning(`${file}: line ${line}`, 'holds what looks like a key or a password, and models are shown it', HINT));
};

const MAX_LINES = 5;
const HINT = 'take it out: a tool gets its key from the environment';
const findSecrets = makeSecretFinder([]);
