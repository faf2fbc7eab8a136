/** Whether this process continues when its output can't be written. */
let isService = false;

/** From here on this process is a service: it continues when its output can't be written. The log has the details. */
export const outliveOutput = (): void => {
  isService = true;
};

/** Decides what happens when the output can't be written: a full disk, a closed pipe or terminal. */
export const watchOutput = (): void => {
  // Nothing else can be told.
  process.stderr.on('error', () => undefined);
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isService) return;
    // The reader has gone (`kept promises list | head`): that ends the command, and is not a failure.
    if (error.code === 'EPIPE') process.exit();
    console.error(`kept: its output can't be written (${error.message}).`);
    process.exit(1);
  });
};

/** Whether standard output takes colours. */
export const hasColor = (): boolean => process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
