import { MAX_MESSAGE_LENGTH } from '../../../domain/message/message.ts';
import { beginningOf, lineExcerpt } from '../../../domain/shared/excerpt.ts';

/**
 * What somebody wrote, fit to be kept: whole characters, no control characters but tabs and line ends, no longer than a
 * message may be.
 */
export const readable = (text: string): string =>
  beginningOf(text.toWellFormed().replace(/\r\n?/g, '\n').replace(CONTROL, ''), MAX_MESSAGE_LENGTH);

/** What somebody chose (a name, a title) as part of a line of ours: it can't break out of it, nor turn it around. */
export const inLine = (text: string, maxLength: number = MAX_IN_LINE): string => {
  return lineExcerpt(readable(text).replace(DIRECTION, ''), maxLength);
};

const MAX_IN_LINE = 120;
const CONTROL = /[^\P{Cc}\t\n]/gu;
/** Marks that change the direction of the text behind them. */
const DIRECTION = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
