import type { Refusal, Result } from '../../domain/index.ts';
import { CommandError, EXIT, print } from '../failures.ts';
import { printJson, valueIn } from './outcome.ts';

interface Telling<T> {
  readonly json?: boolean | undefined;
  readonly view: (value: T) => unknown;
  readonly words: (value: T) => string;
}

/** Prints the outcome of a use case, in words or as JSON. Throws if it was refused. */
export const tellOutcome = <T>(outcome: Result<T, Refusal>, { json, view, words }: Telling<T>): void => {
  const value = valueIn(outcome);
  if (json) printJson(view(value));
  else print(words(value));
};

/**
 * Runs the command for each id, one after the other. A refusal does not stop the rest. As JSON, several outcomes are an
 * array in order, with `{ error }` for each refusal.
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
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.error]));
  if (json) {
    printJson(outcomes.map((outcome) => (outcome.ok ? view(outcome.value) : { error: outcome.error })));
    if (refused.length > 0) process.exitCode = EXIT.bad;
    return;
  }
  for (const outcome of outcomes) if (outcome.ok) print(words(outcome.value));
  if (refused.length > 0) throw new CommandError(refused.map(({ message }) => message).join('\nkept: '));
};
