import { constants } from 'node:os';

/** The person has pressed Ctrl-C, or somebody else has ended this. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
  /** As shells say of a program that a signal has ended. */
  readonly exitCode: number;
  constructor(by: 'Ctrl-C' | NodeJS.Signals) {
    super(`it was stopped by ${by}`);
    this.exitCode = 128 + (by === 'Ctrl-C' ? constants.signals.SIGINT : constants.signals[by]);
  }
}
