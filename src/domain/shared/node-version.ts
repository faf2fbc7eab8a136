/** The oldest Node that Kept runs on: major, minor. */
export const NEEDED_NODE = [22, 14] as const;

/**
 * Throws, in words, where Node is older. Called first by whatever a program calls first: what an older Node lacks would
 * else crash later.
 */
export const requireNode = (version: string): void => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  if (major > neededMajor || (major === neededMajor && minor >= neededMinor)) return;
  throw new Error(`kept needs Node ${NEEDED_NODE.join('.')} or newer; this is Node ${version}. Install Node 24, which is long supported.`);
};
