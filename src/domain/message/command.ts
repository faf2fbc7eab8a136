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
  'approve',
  'deny',
] as const;
export type CommandName = (typeof COMMAND_NAMES)[number];

/** What the process itself answers, without a model. */
export interface Command {
  readonly name: CommandName;
  /** What follows the name, without the spaces around it; often empty. */
  readonly argument: string;
}

/** Rule 9. A plain `ping`, alone or with one word behind it, is a command too; other commands begin with a slash. */
export const commandOf = (text: string): Command | undefined => {
  const [, slash, word = '', rest = ''] = /^(\/?)([a-z]+)(?:\s+([\s\S]*))?$/i.exec(text.trim()) ?? [];
  const name = COMMAND_NAMES.find((known) => known === word.toLowerCase());
  if (!name || (slash === '' && !(name === 'ping' && isWord(rest)))) return undefined;
  return { name, argument: rest.trim() };
};

const isWord = (text: string): boolean => /^[\w-]{0,64}$/.test(text);
