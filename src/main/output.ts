/** Whether this process goes on when nobody can read what it prints. */
let isService = false;

/**
 * From here on this process serves: it lives on when what it prints can't be written. The log says what it has to say.
 */
export const outliveOutput = (): void => {
  isService = true;
};

/**
 * Decides what becomes of a process whose output can't be written: a full disk, a pipe whose reader has gone, a
 * terminal that is closed.
 */
export const watchOutput = (): void => {
  // There is nobody else to tell.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isService) return;
    // Whoever read it has gone (`kept promises list | head`): that ends a command, and is no failure.
    if (error.code === 'EPIPE') process.exit();
    console.error(`kept: its output can't be written (${error.message}).`);
    process.exit(1);
  });
};
