/**
 * What every implementation of a port must do, as data: the name of each obligation, and a check that throws when it is
 * not met. Each check gets a fresh, empty subject.
 */
export type Contract<Subject> = Readonly<Record<string, (subject: Subject) => Promise<void>>>;

/** The two functions of a test runner that a contract needs: mocha's, `node:test`'s and vitest's fit. */
export interface TestRunner {
  describe(title: string, body: () => void): unknown;
  it(title: string, body: () => Promise<void>): unknown;
}

/** A subject under test, with what ends it. */
export interface Opened<Subject> {
  readonly subject: Subject;
  close(): Promise<void> | void;
}

/**
 * Registers one test for each obligation of `contract`. `open` is called for each of them, and its `close` after it,
 * met or not.
 */
export const runContract = <Subject>(
  runner: TestRunner,
  title: string,
  contract: Contract<Subject>,
  open: () => Promise<Opened<Subject>> | Opened<Subject>,
): void => {
  runner.describe(title, () => {
    for (const [obligation, check] of Object.entries(contract)) {
      runner.it(obligation, async () => {
        const { subject, close } = await open();
        try {
          await check(subject);
        } finally {
          await close();
        }
      });
    }
  });
};
