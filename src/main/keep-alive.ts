/** Keeps the process alive until `work` has ended: all our timers let a process end, and so may what is awaited. */
export const keepAlive = async <T>(work: Promise<T>): Promise<T> => {
  const alive = setInterval(() => undefined, 2 ** 30);
  try {
    return await work;
  } finally {
    clearInterval(alive);
  }
};
