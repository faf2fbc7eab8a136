import { InvalidArgumentError } from 'commander';
import { reasonOf } from '../../ports/index.ts';

/** A commander parser out of a validating constructor: its words become a usage error. */
export const argument =
  <T>(parse: (text: string) => T) =>
  (text: string): T => {
    try {
      return parse(text);
    } catch (error) {
      throw new InvalidArgumentError(reasonOf(error));
    }
  };
