/** Runs it as a user who may not look into what is closed: root may look into everything. */
export const asNobody = async <T>(look: () => Promise<T>): Promise<T> => {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    return await look();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
};
