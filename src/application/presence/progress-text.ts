import type { LeasedPromise } from '../../domain/promise/promise.ts';
import { lineExcerpt } from '../../domain/shared/excerpt.ts';

/** Who has heard nothing for so long wonders whether anything happens at all. */
const SILENCE_MS = 3 * 60_000;

/** Whether a running promise has told nothing of itself for long. */
export const isSilent = ({ startedAt, progress }: LeasedPromise, now: number): boolean => now - (progress?.at ?? startedAt) >= SILENCE_MS;

export const stillWorking = ({ id, startedAt, progress, description }: LeasedPromise, now: number): string => {
  const minutes = Math.floor((now - startedAt) / 60_000);
  return `Still working on promise #${id}, for ${minutes} minutes now: ${progress?.text ?? taskLine(description)}`;
};

/** What is said of a running promise; undefined while there is nothing to say. */
export const progressLine = (promise: LeasedPromise, now: number): string | undefined => {
  if (isSilent(promise, now)) return stillWorking(promise, now);
  return promise.progress && `#${promise.id}: ${promise.progress.text}`;
};

/** A description in one short line. */
export const taskLine = (description: string): string => lineExcerpt(description, 80);
