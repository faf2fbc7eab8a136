import { createInterface } from 'node:readline/promises';

/** Whether the person at the terminal says yes. Ctrl-D and Ctrl-C say no. */
export const isConfirmed = async (question: string): Promise<boolean> => {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = Promise.withResolvers<string>();
  terminal.once('close', () => answer.resolve(''));
  terminal.question(`${question} [y/N] `).then(answer.resolve, () => answer.resolve(''));
  try {
    return /^\s*y(es)?\s*$/i.test(await answer.promise);
  } finally {
    terminal.close();
  }
};
