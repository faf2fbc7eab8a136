/** Requests that a thread of libuv's pool works on: they are all short, but on a disk that hangs. */
const ON_THREAD = /^(FSReq|FileHandleCloseReq)/;

/** Whether a call to a disk goes on. While one does, an exit of this process waits for it, for good where it hangs. */
export const hasHeldThread = (): boolean => process.getActiveResourcesInfo().some((kind) => ON_THREAD.test(kind));

/** Ends this process. Where a call to a disk goes on, only a signal does, and the code is lost. */
export const endAtOnce = (code: number): never => {
  if (hasHeldThread()) process.kill(process.pid, 'SIGKILL');
  process.exit(code);
};
