/** `950 ms`, `9.5 s`, `90 s`, `2 min 15 s`, `25 min`, `2 h 5 min`, `26 h`, `3 d 4 h`: as much as tells anything. */
export const durationWords = (ms: number): string => {
  if (ms > 0 && ms < 1_000) return `${Math.max(1, Math.round(ms))} ms`;
  if (ms < 9_950) return `${Number((ms / 1_000).toFixed(1))} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 120) return seconds === 60 ? '1 min' : `${seconds} s`;
  if (seconds < 600) return pair(seconds, 60, 'min', 's');
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return minutes < 48 * 60 ? pair(minutes, 60, 'h', 'min') : pair(Math.round(minutes / 60), 24, 'd', 'h');
};

const pair = (value: number, size: number, large: string, small: string): string => {
  const rest = value % size;
  return `${Math.floor(value / size)} ${large}${rest === 0 ? '' : ` ${rest} ${small}`}`;
};
