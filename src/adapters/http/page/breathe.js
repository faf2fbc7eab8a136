/** How long the page may work without a break: it stays responsive between two pieces of long work. */
const WORK_MS = 12;

/** Returns a function to await after each piece. */
export const makeBreathe = () => {
  let from = performance.now();
  return async () => {
    if (performance.now() - from < WORK_MS) return;
    await new Promise((resolve) => setTimeout(resolve));
    from = performance.now();
  };
};
