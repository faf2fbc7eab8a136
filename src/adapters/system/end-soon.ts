/** Requests that a thread of libuv's pool works on: they are all short, but on a disk that hangs. */
const ON_THREAD = /^(FSReq|FileHandleCloseReq)/;
/** How long they may take before they count as hung. */
const SHORT_MS = 2_000;

/** Whether a call to a disk goes on. While one does, an exit of this process waits for it, for good where it hangs. */
const hasHeldThread = (): boolean => process.getActiveResourcesInfo().some((kind) => ON_THREAD.test(kind));

/**
 * Ends this process once its calls to a disk have ended, and within two seconds where one hangs: then only a signal
 * does, and the code is lost.
 */
export const endSoon = (code: number): void => {
  const until = performance.now() + SHORT_MS;
  const look = (): void => {
    if (!hasHeldThread()) process.exit(code);
    if (performance.now() > until) process.kill(process.pid, 'SIGKILL');
  };
  setInterval(look, 20);
  look();
};

/** For a command that is done: ends this process, where a call to a disk keeps it for two seconds. */
export const endWhereHung = (code: number): void => {
  setTimeout(() => {
    if (hasHeldThread()) endSoon(code);
  }, SHORT_MS).unref();
};
