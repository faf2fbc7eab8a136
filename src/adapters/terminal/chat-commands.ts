import {
  InvalidValueError,
  type PromiseId,
  type PromiseStatus,
  promiseCommandHelp,
  promiseId,
  promiseCommandWords as words,
} from '../../domain/index.ts';
import type { ChatClient, PromiseLine } from './chat-client.ts';
import { formatTable, type TextStyle } from './format-table.ts';
import { statusOf } from './message-text.ts';

const COMMANDS = ['help', 'promises', 'cancel', 'retry', 'resend', 'quit', 'exit'] as const;
export interface ChatCommand {
  readonly name: (typeof COMMANDS)[number];
  readonly argument: string;
}

/** A command for the terminal itself. Any other text, with or without a slash, is a message. */
export const parseCommand = (text: string): ChatCommand | undefined => {
  const [, word = '', argument = ''] = /^\/(\w+)(?:\s+(.*))?$/.exec(text.trim()) ?? [];
  const name = COMMANDS.find((known) => known === word.toLowerCase());
  // The terminal knows promises only: Kept itself ends a schedule.
  if (name === 'cancel' && /^schedule\b/i.test(argument)) return undefined;
  return name && { name, argument: argument.trim() };
};

export const HELP = `Type a message and press Enter. A backslash at the end of a line goes on to the next; pasted lines stay together.

  /promises         ${promiseCommandHelp.promises}
  /cancel <number>  ${promiseCommandHelp.cancel}; /cancel schedule <number> ends a schedule
  /retry <number>   ${promiseCommandHelp.retry}
  /resend           send again what could not be sent
  /help             this list
  /quit             leave (also Ctrl-D, or Ctrl-C on an empty line)

As in every chat, /new forgets this conversation, /stop stops an answer, /status says whether Kept is well, /usage
counts tokens, and /whoami says who you are to Kept. Arrow keys bring back what was typed before.`;

/**
 * Does what `/promises`, `/cancel` and `/retry` ask for, and resolves to the words to print. May reject with PortError.
 */
export const commandPromises = async (
  client: ChatClient,
  { name, argument }: ChatCommand,
  look: { readonly width?: number; readonly color?: boolean } = {},
): Promise<string> => {
  if (name === 'promises') return promiseTable(await client.promises(), look);
  const id = readId(argument);
  if (id === undefined) return words.whichPromise(name === 'retry' ? name : 'cancel');
  const outcome = name === 'retry' ? await client.retry(id) : await client.cancel(id);
  if (!outcome.ok) return words.notDone(outcome.error.message);
  return name === 'retry' ? words.retried(id) : words.cancelled(id);
};

const readId = (argument: string): PromiseId | undefined => {
  try {
    return promiseId(argument);
  } catch (error) {
    if (error instanceof InvalidValueError) return undefined;
    throw error;
  }
};

const STATUS_STYLE: Record<PromiseStatus, TextStyle> = {
  waiting: 'gray',
  pending: 'yellow',
  in_progress: 'blue',
  completed: 'green',
  failed: 'red',
  cancelled: 'gray',
};
const SHOWN = 20;

const promiseTable = (promises: readonly PromiseLine[], look: { readonly width?: number; readonly color?: boolean }): string => {
  if (promises.length === 0) return words.noPromises;
  const rows = promises
    .slice(0, SHOWN)
    .map((promise) => ({ ...promise, shownStatus: statusOf(promise), id: `#${promise.id}`, since: localTime(promise.createdAt) }));
  const table = formatTable(
    rows,
    [
      { key: 'id', title: 'ID', align: 'right' },
      { key: 'shownStatus', title: 'STATUS', style: ({ status }) => STATUS_STYLE[status] },
      { key: 'since', title: 'MADE' },
      { key: 'description', title: 'TASK', flexible: true, overflow: 'wrap' },
    ],
    look,
  );
  const more = promises.length - SHOWN;
  return more > 0 ? `${table}\n… and ${more} older` : table;
};

/** `2026-11-22 18:31`, as the clock on the wall shows it. */
const localTime = (ms: number): string => {
  const at = new Date(ms);
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
};
