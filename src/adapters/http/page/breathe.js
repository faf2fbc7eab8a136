/** How long the page may work on end: it answers its reader between two pieces of a long work. */
const WORK_MS = 12;

/** Returns what is to be awaited after each piece. */
export const makeBreathe = () => {
  let from = performance.now();
  return async () => {
    if (performance.now() - from < WORK_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    from = performance.now();
  };
};
