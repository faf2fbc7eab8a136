import { type MessageId, nativeId } from '../../domain/index.ts';
import type { TranscriptMessage } from '../../ports/index.ts';
import type { PromiseLine } from './chat-client.ts';
import { inStyle, type TextStyle } from './format-table.ts';
import { oneLine, stripControl } from './strip-control.ts';
import { clip, displayWidth, wrap } from './text-width.ts';

export type Paint = (style: TextStyle, text: string) => string;
export const makePaint =
  (color: boolean): Paint =>
  (style, text) =>
    color ? inStyle(style, text) : text;

const QUOTE_WIDTH = 60;

/** A message as the conversation shows it, with a mark for its author. `about` is the text that it replies to. */
export const messageBlock = (message: TranscriptMessage, paint: Paint, width: number, about?: string): string => {
  const lines = wrap(stripControl(message.text).trimEnd(), width - 3);
  const mine = message.from === 'operator';
  const quote = about === undefined ? [] : [paint('dim', `↪ ${clip(oneLine(about), Math.min(QUOTE_WIDTH, width - 5))}`)];
  const body = [
    ...quote,
    ...withNumber(mine ? lines : emphasised(lines, paint), displayWidth(lines.at(-1) ?? ''), numberOf(message), paint, width),
  ];
  const mark = mine ? paint('green', '› ') : paint('cyan', '● ');
  return `${mark}${body.join('\n  ')}${mine ? '' : '\n'}`;
};

/** A message of this chat as people name it: `#2`. */
export const shortName = (id: MessageId): string => `#${nativeId(id)}`;

/** `#2`, or `#2 ↪ #1` of a reply: the numbers that `explain` takes. */
const numberOf = ({ messageId, answers, replyTo }: TranscriptMessage): string => {
  const asked = answers.length > 0 ? answers : replyTo === undefined ? [] : [replyTo];
  return `${shortName(messageId)}${asked.length === 0 ? '' : ` ↪ ${asked.map(shortName).join(', ')}`}`;
};

/** The number stands behind the last line where there is room, else below it. */
const withNumber = (lines: readonly string[], lastWidth: number, number: string, paint: Paint, width: number): string[] => {
  const shown = paint('dim', number);
  if (lines.length === 0 || lastWidth + 2 + displayWidth(number) > width - 3) return [...lines, shown];
  return [...lines.slice(0, -1), `${lines.at(-1)}  ${shown}`];
};

/** Markdown's emphasis made visible, its marks left in place; code blocks dim. */
const emphasised = (lines: readonly string[], paint: Paint): string[] => {
  let inFence = false;
  return lines.map((line) => {
    const isFence = /^\s*(```|~~~)/.test(line);
    if (isFence) inFence = !inFence;
    if (isFence || inFence) return paint('dim', line);
    return line.replace(/\*\*\S[^*]*\*\*/g, (strong) => paint('bold', strong)).replace(/`[^`]+`/g, (code) => paint('cyan', code));
  });
};

/** The end of an answer that is still growing, in at most `height` lines. */
export const draftLines = (text: string, width: number, height: number): string[] => {
  const tail = stripControl(text.slice(-width * (height + 1) * 2)).trimEnd();
  const lines = tail === '' ? [] : wrap(tail, width - 3);
  const shown = lines.slice(-height);
  return shown.map((line, at) => `${at === 0 ? (shown.length < lines.length ? '⋮ ' : '● ') : '  '}${line}`);
};

/** The open promises in one line; undefined if there are none. */
export const openPromisesLine = (promises: Iterable<PromiseLine>): string | undefined => {
  const open = [...promises].filter(isOpen).sort((a, b) => a.id - b.id);
  if (open.length === 0) return undefined;
  return `◷ ${open.map((promise) => `#${promise.id} ${statusOf(promise)}: ${clip(oneLine(promise.description), 40)}`).join(' · ')}`;
};

/** Its status, and the approval that it waits for. */
export const statusOf = ({ status, approvalId }: PromiseLine): string =>
  `${status.replace('_', ' ')}${approvalId === undefined ? '' : ` for approval #${approvalId}`}`;

export const isOpen = ({ status }: PromiseLine): boolean => status === 'waiting' || status === 'pending' || status === 'in_progress';

/** A reason, ended as a sentence is: once. */
export const sentence = (reason: string): string => (/[.!?…]$/.test(reason) ? reason : `${reason}.`);
