import { Argument, type Command, type Option } from 'commander';
import { commandForm } from '../../domain/index.ts';
import { print } from '../failures.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

export const addCompletion = (program: Command): void => {
  program
    .command('completion')
    .description('print the completion script of a shell for an installed kept; its first line says where to put it')
    .addArgument(new Argument('<shell>', 'which shell').choices([...SHELLS]))
    .action((shell: Shell) => print(completionFor(shell, program)));
};

/** One command, and what may follow it. */
interface Completion {
  /** The words that lead to it: `promises list`. */
  readonly path: string;
  readonly next: readonly { readonly word: string; readonly what: string }[];
  /** The words that an option takes. */
  readonly choices: readonly { readonly option: string; readonly words: readonly string[] }[];
}

const HELP = { word: '--help', what: 'display help for command' };

const completionsOf = (command: Command, path: readonly string[] = []): readonly Completion[] => {
  const options = command.options.filter(({ long, hidden }) => long !== undefined && long !== null && !hidden) as readonly (Option & {
    long: string;
  })[];
  const shown = command
    .createHelp()
    .visibleCommands(command)
    .filter((one) => command.commands.includes(one));
  const own: Completion = {
    path: path.join(' '),
    next: [
      ...shown.map((one) => ({ word: one.name(), what: one.description() })),
      ...command.registeredArguments.flatMap(({ argChoices = [], description }) => argChoices.map((word) => ({ word, what: description }))),
      ...options.map(({ long, description }) => ({ word: long, what: description })),
      HELP,
    ],
    choices: options.flatMap(({ long, argChoices }) => (argChoices ? [{ option: long, words: argChoices }] : [])),
  };
  return [own, ...shown.flatMap((one) => completionsOf(one, [...path, one.name()]))];
};

export const completionFor = (shell: Shell, program: Command): string => {
  const completions = completionsOf(program);
  if (shell === 'fish') return fish(completions);
  return shell === 'zsh'
    ? `# zsh: put this into ~/.zshrc: source <(${commandForm('completion zsh')})\nautoload -U +X bashcompinit && bashcompinit\n${bash(completions)}`
    : `# bash: put this into ~/.bashrc: source <(${commandForm('completion bash')})\n${bash(completions)}`;
};

const wordsOf = (completion: Completion): string => completion.next.map(({ word }) => word).join(' ');

const bash = (completions: readonly Completion[]): string => `_kept() {
  local current="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" word words i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "\${path:+$path }$word" in
      ${completions.flatMap(({ path }) => (path === '' ? [] : [`"${path}"`])).join('|')}) path="\${path:+$path }$word" ;;
    esac
  done
  case "$path $before" in
${completions.flatMap(({ path, choices }) => choices.map(({ option, words }) => `    "${path} ${option}") words="${words.join(' ')}" ;;`)).join('\n')}
    *)
      case "$path" in
${completions.map((completion) => `        "${completion.path}") words="${wordsOf(completion)}" ;;`).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _kept kept`;

const fish = (completions: readonly Completion[]): string => {
  const paths = completions.map(({ path }) => path).filter((path) => path !== '');
  const lines = completions.flatMap(({ path, next, choices }) =>
    next.map(({ word, what }) => {
      const taken = choices.find(({ option }) => option === word);
      const how = word.startsWith('--') ? `-l ${word.slice(2)}${taken ? ` -x -a ${quoted(taken.words.join(' '))}` : ''}` : `-a ${word}`;
      return `complete -c kept -f -n ${quoted(`__kept_at ${path}`.trim())} ${how} -d ${quoted(what)}`;
    }),
  );
  return `# fish: ${commandForm('completion fish')} > ~/.config/fish/completions/kept.fish
function __kept_at
  set -l path
  for word in (commandline -opc)[2..-1]
    contains -- "$path $word" ${paths.map((path) => quoted(path.includes(' ') ? path : ` ${path}`)).join(' ')}; and set path $path $word
  end
  test "$path" = "$argv"
end
${lines.join('\n')}`;
};

const quoted = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
