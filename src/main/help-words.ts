import type { Command } from 'commander';

/**
 * Rewrites `help <command>` to `<command> --help`, at any depth. A word that is not a command is kept behind its
 * parent, which refuses it as an unknown command.
 */
export const asHelpOption = (program: Command, words: readonly string[]): readonly string[] => {
  let command = program;
  for (const [at, word] of words.entries()) {
    if (word === 'help' && command.commands.length > 0) return [...words.slice(0, at), ...asked(command, words.slice(at + 1))];
    const next = command.commands.find((one) => one.name() === word);
    if (!next) return words;
    command = next;
  }
  return words;
};

const asked = (from: Command, words: readonly string[]): readonly string[] => {
  let command = from;
  const path: string[] = [];
  for (const word of words.filter((one) => !one.startsWith('-'))) {
    const next = command.commands.find((one) => one.name() === word);
    if (!next && command.commands.length === 0)
      command.error(`error: unknown command '${[...path, word].join(' ')}'`, { code: 'commander.unknownCommand' });
    if (!next) return [...path, word];
    path.push(word);
    command = next;
  }
  return [...path, '--help'];
};
