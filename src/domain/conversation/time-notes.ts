import { clockTime, dayAndTime } from '../shared/time.ts';
import { type ConversationStep, noteOf } from './conversation.ts';

const PAUSE_MS = 60 * 60_000;

/**
 * A conversation with notes of the times that matter, on the clocks of `timeZone` (IANA name): where it went on after
 * an hour or on another day, and, at its end, what time it is now. A note tells of the messages around it alone, so
 * that none changes when the conversation goes on; only the last one is new each time.
 */
export const withTimeNotes = (steps: readonly ConversationStep[], now: number, timeZone = 'UTC'): ConversationStep[] => {
  const noted: ConversationStep[] = [];
  let last: number | undefined;
  for (const step of steps) {
    const at = step.role === 'person' && !step.note ? step.at : undefined;
    if (at !== undefined && last !== undefined && isPause(last, at, timeZone))
      noted.push(note(`what follows is of ${dayAndTime(at, timeZone)}; the message before it is of ${dayAndTime(last, timeZone)}.`));
    noted.push(step);
    last = at ?? last;
  }
  const since = last !== undefined && isPause(last, now, timeZone) ? ` The last message is of ${dayAndTime(last, timeZone)}.` : '';
  return [...noted, note(`it is ${dayAndTime(now, timeZone)}, on the clocks of ${timeZone}.${since}`)];
};

const isPause = (from: number, to: number, timeZone: string): boolean =>
  to - from >= PAUSE_MS || (to > from && mayBeDaysApart(from, to) && dayOf(from, timeZone) !== dayOf(to, timeZone));

/** Days begin with a quarter of an hour everywhere, so most messages need no calendar. */
const mayBeDaysApart = (from: number, to: number): boolean => Math.floor(from / QUARTER_MS) !== Math.floor(to / QUARTER_MS);
const QUARTER_MS = 15 * 60_000;
const dayOf = (at: number, timeZone: string): string => clockTime(at, timeZone).slice(0, 10);

const note = (text: string): ConversationStep => noteOf(`(Note: ${text})`);
