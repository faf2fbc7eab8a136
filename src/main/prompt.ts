import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { PortError } from '../ports/index.ts';
import { Interrupted } from './interrupted.ts';

export interface AskOptions {
  /** Nothing of what is typed is shown. */
  readonly secret?: boolean;
  /** Ends the question without an answer. */
  readonly until?: AbortSignal;
}

/** How commands ask the person who runs them. Plain lines: a pipe and a screen reader take them, too. */
export interface Prompt {
  /**
   * One line, without blanks at its ends. Rejects with PortError `aborted` at the end of the input and when `until`
   * aborts, and with `Interrupted`.
   */
  ask(question: string, options?: AskOptions): Promise<string>;
  /** Enter alone is `byDefault`. */
  confirm(question: string, byDefault: boolean): Promise<boolean>;
  /** By number; Enter alone is the first. */
  choose<T>(question: string, choices: readonly { readonly label: string; readonly value: T }[]): Promise<T>;
  /** Settles as `work` does, unless it is interrupted. */
  unlessInterrupted<T>(work: Promise<T>): Promise<T>;
  /** Gives the terminal back as it was. */
  close(): void;
}

/** Whose default is to end a process at once, and to leave a terminal as it is: without an echo, say. */
const ENDING = ['SIGTERM', 'SIGHUP'] as const;

/** Questions on standard output, or where `output` goes. */
export const makePrompt = (output: NodeJS.WriteStream = process.stdout): Prompt => {
  const isTerminal = process.stdin.isTTY === true;
  let isShown = false;
  const shown = new Writable({
    write: (chunk, _, done) => {
      if (isShown) output.write(chunk);
      done();
    },
  });
  // What was typed once is not offered again: it may be a secret.
  const terminal = createInterface({
    input: process.stdin,
    output: Object.assign(shown, { columns: output.columns ?? 80 }),
    terminal: isTerminal,
    historySize: 0,
  });
  const interrupted = Promise.withResolvers<never>();
  const ended = Promise.withResolvers<never>();
  // Nobody may be asking.
  for (const { promise } of [interrupted, ended]) promise.catch(() => undefined);
  terminal.on('SIGINT', () => interrupted.reject(new Interrupted('Ctrl-C')));
  const onSignal = (signal: NodeJS.Signals): void => interrupted.reject(new Interrupted(signal));
  for (const signal of ENDING) process.on(signal, onSignal);
  terminal.once('close', () => ended.reject(noAnswer()));

  const ask: Prompt['ask'] = async (question, { secret = false, until } = {}) => {
    const over = new AbortController();
    const signal = until ? AbortSignal.any([until, over.signal]) : over.signal;
    if (secret) output.write(question);
    isShown = !secret;
    try {
      const answer = terminal.question(secret ? '' : question, { signal }).catch((cause: unknown) => {
        throw noAnswer(cause);
      });
      return (await Promise.race([answer, interrupted.promise, ended.promise])).trim();
    } finally {
      // The terminal has shown the end of a line that was typed into it.
      if (secret || !isTerminal || until?.aborted) output.write('\n');
      isShown = false;
      over.abort();
    }
  };

  return {
    ask,
    confirm: async (question, byDefault) => {
      for (;;) {
        const answer = (await ask(`${question} ${byDefault ? '[Y/n]' : '[y/N]'} `)).toLowerCase();
        if (answer === '') return byDefault;
        if (/^(y(es)?|no?)$/.test(answer)) return answer.startsWith('y');
      }
    },
    choose: async (question, choices) => {
      const lines = choices.map(({ label }, at) => `  ${at + 1}  ${label}`);
      output.write(`${question}\n${lines.join('\n')}\n`);
      for (;;) {
        const answer = await ask('Number [1]: ');
        const chosen = choices[answer === '' ? 0 : Number(answer) - 1];
        if (chosen) return chosen.value;
      }
    },
    unlessInterrupted: (work) => Promise.race([work, interrupted.promise]),
    close: () => {
      for (const signal of ENDING) process.off(signal, onSignal);
      terminal.close();
    },
  };
};

const noAnswer = (cause?: unknown): PortError => new PortError('aborted', 'nobody typed an answer', { retryable: true, cause });

/** Whether the person at the terminal says yes. Ctrl-D and Ctrl-C say no. */
export const isConfirmed = async (question: string): Promise<boolean> => {
  const prompt = makePrompt(process.stderr);
  try {
    return /^y(es)?$/i.test(await prompt.ask(`${question} [y/N] `));
  } catch {
    // Whoever gives no answer has not said yes.
    return false;
  } finally {
    prompt.close();
  }
};
