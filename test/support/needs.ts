/**
 * What the chosen test files need of the machine: each support module that brings something up adds its own check when
 * it is loaded.
 */
type Check = () => Promise<unknown>;

const checks: Check[] = [];

/** `check` rejects with one sentence that says what is missing, and which variable to set. */
export const needs = (check: Check): void => void checks.push(check);

/** The sentences of all that is missing. */
export const missing = async (): Promise<readonly string[]> => {
  const outcomes = await Promise.allSettled(checks.map((check) => check()));
  return outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason.message as string] : []));
};
