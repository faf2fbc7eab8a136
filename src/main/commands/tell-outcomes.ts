import type { Result } from '../../domain/index.ts';
import { CommandError, print, printJson, refusalError } from './outcome.ts';

interface Refusal {
  readonly code: string;
  readonly message: string;
}

interface Telling<T> {
  readonly json?: boolean | undefined;
  readonly view: (value: T) => unknown;
  readonly words: (value: T) => string;
}

/** Tells what a use case did, in words or as JSON. Throws why it did not. */
export const tellOutcome = <T>(outcome: Result<T, Refusal>, { json, view, words }: Telling<T>): void => {
  if (!outcome.ok) throw refusalError(outcome.error);
  if (json) printJson(view(outcome.value));
  else print(words(outcome.value));
};

/**
 * Does it to each, one after the other, and tells likewise: of several as a JSON array of what was done, before it throws why the others were not.
 * One that is refused does not keep the others from being done.
 */
export const tellEach = async <Id, T>(
  ids: readonly Id[],
  command: (id: Id) => Promise<Result<T, Refusal>>,
  telling: Telling<T>,
): Promise<void> => {
  const outcomes: Result<T, Refusal>[] = [];
  for (const id of ids) outcomes.push(await command(id));
  const [first, ...others] = outcomes;
  if (first && others.length === 0) {
    tellOutcome(first, telling);
    return;
  }
  const { json, view, words } = telling;
  const done = outcomes.flatMap((outcome) => (outcome.ok ? [outcome.value] : []));
  if (json) printJson(done.map(view));
  else for (const value of done) print(words(value));
  const refusals = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error.message]));
  if (refusals.length > 0) throw new CommandError(refusals.join('\nkept: '));
};
