/** A reply that comes later than this says so. */
export const LATE_MS = 10 * 60_000;

/** What the reply to a message of that age begins with: how late it is, or nothing. */
export const latenessNote = (ageMs: number): string => (ageMs > LATE_MS ? `(${inWords(ageMs)} late: I was away.)\n\n` : '');

const inWords = (ms: number): string => {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.round(minutes / 60);
  if (hours < 48) return hours === 1 ? '1 hour' : `${hours} hours`;
  return `${Math.round(hours / 24)} days`;
};
