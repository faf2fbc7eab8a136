import { writeFileSync } from 'node:fs';
import mocha, { type MochaOptions, type Runner } from 'mocha';

/**
 * Mocha's spec reporter, which also leaves its own totals as JSON in the file named by the reporter option `totals`.
 */
export default class CountingReporter extends mocha.reporters.Spec {
  constructor(runner: Runner, options: MochaOptions) {
    super(runner, options);
    const { totals } = options.reporterOptions ?? {};
    runner.once('end', () => writeFileSync(totals, JSON.stringify(this.stats)));
  }
}
