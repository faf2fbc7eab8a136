/** The oldest Node that Kept runs on: major, minor. */
export const NEEDED_NODE = [22, 14] as const;

/** Whether Kept runs on this version of Node. */
export const isNewEnough = (version: string): boolean => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [neededMajor, neededMinor] = NEEDED_NODE;
  return major > neededMajor || (major === neededMajor && minor >= neededMinor);
};

/**
 * Throws, in words, where Node is older. Called first by whatever a program calls first: what an older Node lacks would
 * else crash later.
 */
export const requireNode = (version: string): void => {
  if (isNewEnough(version)) return;
  throw new Error(`kept needs Node ${NEEDED_NODE.join('.')} or newer; this is Node ${version}. Install Node 24, which is long supported.`);
};
