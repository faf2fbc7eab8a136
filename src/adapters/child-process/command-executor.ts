import { NO_USAGE, type TaskType } from '../../domain/index.ts';
import { PortError, type PromiseExecutor } from '../../ports/index.ts';
import { type ChildRun, runChild } from './run-child.ts';

/** See `runChild`. */
export type ChildCommand = Pick<ChildRun, 'command' | 'args' | 'cwd' | 'env' | 'graceMs' | 'maxOutputLength'>;

export interface CommandExecutorOptions {
  readonly commands: Readonly<Partial<Record<TaskType, ChildCommand>>>;
  /** Keeps promises of types that have no command. */
  readonly otherwise?: PromiseExecutor;
}

/** https://man.openbsd.org/sysexits.3: EX_TEMPFAIL, to be tried again. */
const TRY_AGAIN = 75;

/**
 * Keeps promises by running a command for each task type. It gets the description on standard input, and the promise's
 * number and the attempt as `PROMISE_ID` and `PROMISE_ATTEMPT`; what it writes to standard output is the result, lines
 * on standard error are its progress. Exit code 0 keeps the promise, 75 (EX_TEMPFAIL) has it tried again, any other
 * fails it for good.
 */
export const makeCommandExecutor = ({ commands, otherwise }: CommandExecutorOptions): PromiseExecutor => ({
  async execute(promise, options) {
    const { id, taskType, description, attempts } = promise;
    const command = commands[taskType];
    if (!command && otherwise) return otherwise.execute(promise, options);
    if (!command) throw new PortError('invalid-request', `There is no command for promises of type ${taskType}.`, { retryable: false });
    const env = { ...command.env, PROMISE_ID: String(id), PROMISE_ATTEMPT: String(attempts) };
    const run = { ...command, env, input: description, signal: options.signal, onErrorLine: options.progress };
    const { exitCode, stdout, isCut, stderr } = await runChild(run);
    if (exitCode === 0) {
      const cut = isCut ? ['(The result was cut here: it was too long.)'] : [];
      return { text: [stdout.trim() || 'Done.', ...cut].join('\n\n'), usage: NO_USAGE };
    }
    const reason = stderr.trim().split('\n').at(-1);
    const how = exitCode === undefined ? 'was ended by a signal' : `failed with exit code ${exitCode}`;
    const retryable = exitCode === TRY_AGAIN;
    throw new PortError(retryable ? 'unavailable' : 'invalid-request', `${command.command} ${how}${reason ? `: ${reason}` : '.'}`, {
      retryable,
    });
  },
});
