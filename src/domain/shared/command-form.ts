/**
 * Turns the words of a command (`stop`, `config check`) into what a person types at the place where Kept was started.
 */
export type CommandForm = (words: string) => string;

let form: CommandForm = (words) => `kept ${words}`.trim();

/** Called once by the program, before anything is said. A library's user has the installed command. */
export const useCommandForm = (chosen: CommandForm): void => {
  form = chosen;
};

/** The command as it works here, for a hint: `` `kept stop` ``, or `` `npm run kept -- stop` `` in the repository. */
export const commandHint = (words: string): string => `\`${form(words)}\``;

/** The same without quotes, for the lines of a help text. */
export const commandForm: CommandForm = (words) => form(words);
