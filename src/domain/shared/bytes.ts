/** `820 kB`, `3.4 GB` */
export const bytesWords = (bytes: number): string => {
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes / 1_000;
  while (size >= 1_000 && units.length > 1) {
    size /= 1_000;
    units.shift();
  }
  return `${size >= 10 ? Math.round(size) : Number(size.toFixed(1))} ${units[0]}`;
};
