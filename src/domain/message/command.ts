import { nearestName } from '../shared/nearest-name.ts';
import type { IncomingMessage } from './message.ts';

export const COMMAND_NAMES = [
  'start',
  'help',
  'ping',
  'status',
  'new',
  'promises',
  'cancel',
  'retry',
  'stop',
  'whoami',
  'usage',
  'memory',
  'forget',
  'approve',
  'deny',
  'why',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What the process itself answers, without a model. */
export interface Command {
  readonly name: CommandName;
  /** What follows the name, without the spaces around it; often empty. */
  readonly argument: string;
}

/**
 * A command that is none of ours, as it was typed: `/nope`, `/cancle 3`, `/ping@somebody`, or a slash alone. What more
 * words follow is a text, and so is a path.
 */
export interface UnknownCommand {
  readonly name: 'unknown';
  readonly argument: string;
}

/**
 * What the process answers of a message. An unknown command is answered where it is meant for us: in a direct
 * conversation, or addressed to us. In groups it may be another bot's.
 */
export const commandIn = ({
  text,
  chat,
  addressedTo,
}: Pick<IncomingMessage, 'text' | 'chat' | 'addressedTo'>): Command | UnknownCommand | undefined => {
  const known = commandOf(text);
  if (known || (chat.kind !== 'direct' && addressedTo !== 'us')) return known;
  const argument = /^\/(?:[a-z][\w-]{0,31}(?:@\w{1,32})?(?: #?\d{1,15})?)?$/i.exec(text.trim())?.[0];
  return argument === undefined ? undefined : { name: 'unknown', argument };
};

/**
 * The command that an unknown one was meant for, where it can be told: `/cancel 3` for `/cancle 3`, `/promises` for
 * `/promise`.
 */
export const nearestCommand = (typed: string): string | undefined => {
  const [, word = '', digits, argument] = /^\/([a-z][a-z_-]*?)(\d+)?(?: (.+))?$/i.exec(typed.replace(/@\w+/, '')) ?? [];
  const asked = word.toLowerCase();
  const begins = (known: string): boolean => asked.length > 2 && (known.startsWith(asked) || asked.startsWith(known));
  const name =
    COMMAND_NAMES.find((known) => known === asked || begins(known)) ?? nearestName(asked, COMMAND_NAMES, asked.length > 3 ? 2 : 1);
  return name && [`/${name}`, ...((argument ?? digits) ? [argument ?? digits] : [])].join(' ');
};

/** Rule 9. A plain `ping`, alone or with one word behind it, is a command too; other commands begin with a slash. */
export const commandOf = (text: string): Command | undefined => {
  const [, slash, word = '', rest = ''] = /^(\/?)([a-z]+)(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? [];
  const name = COMMAND_NAMES.find((known) => known === word.toLowerCase());
  if (!name || (slash === '' && !(name === 'ping' && isWord(rest)))) return undefined;
  return { name, argument: rest.trim() };
};

const isWord = (text: string): boolean => /^[\w-]{0,64}$/.test(text);
