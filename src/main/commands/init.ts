import { text } from 'node:stream/consumers';
import type { Command } from 'commander';
import type { BotSetup } from '../../adapters/telegram/index.ts';
import { loadProcessConfig } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { present } from '../../domain/shared/present.ts';
import { ConfigError, EXIT, print, printError, UsageError } from '../failures.ts';
import { Interrupted } from '../interrupted.ts';
import { makePrompt, type Prompt } from '../prompt.ts';
import { dollarsIn } from '../setup/dollars.ts';
import type { InitFlags, Setup } from '../setup/setup.ts';
import { argument, choiceOption, several } from './arguments.ts';

export const addInit = (program: Command): void => {
  program
    .command('init')
    .description('set Kept up step by step: model, Telegram, people, groups, Notion, coding, budget; ends with a ping')
    .option('--yes', 'ask nothing: flags answer, and what is there already stays unless its flag is given')
    .addOption(choiceOption('--provider <name>', 'who has the model', ['anthropic', 'openai', 'compatible', 'rehearsal']))
    .option('--model-key <key>', 'key of the model; - reads it from standard input, env:NAME from that variable')
    .option('--model <name>', 'the model, instead of the usual one')
    .option('--base-url <url>', 'address of the model server')
    .addOption(choiceOption('--telegram <how>', 'how it is on Telegram', ['bot', 'account', 'none']))
    .option('--telegram-token <token>', "the bot's token from @BotFather; - and env:NAME as above")
    .option('--api-id <number>', 'api_id from https://my.telegram.org')
    .option('--api-hash <hash>', 'api_hash from there; - and env:NAME as above')
    .option('--owner <number>', "who may do everything: a person's number at Telegram")
    .option('--person <person>', 'who else may send direct messages: a number or @username; several times', several(String))
    .option('--workspace <name>', 'name of the project')
    .option('--directory <path>', 'directory of the project; without a project, that of direct messages')
    .option('--group <id>', 'a group of the project: -1001234567890; several times', several(String))
    .option('--all-messages', 'answer every message in the groups of the project')
    .option('--notion-key <key>', 'key of an integration of Notion; - and env:NAME as above')
    .option('--notion-database <id>', 'the database of the project: its id or address')
    .option('--coding-agent <agent>', 'what may change code: claude-code, acp:<command> or none')
    .option('--budget <usd>', 'what may be spent in a day, in US dollars, or none', argument(budgetOf))
    .option('--data-dir <path>', 'where the data is kept')
    .option('--config <file>', 'the workspace_config.json to write')
    .addHelpText(
      'after',
      `
Other users of this machine can see flags in its list of processes: give secrets
as - (one line each, in the order of this list) or as env:NAME.`,
    )
    .action(async (flags: InitFlags) => {
      const isAsked = flags.yes !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
      const person = isAsked ? makePrompt() : undefined;
      let ok = false;
      try {
        const setting = setUp(await withSecrets(flags, person), person);
        // The person's signals are the prompt's: what is awaited outside of a question must end by them, too.
        ok = await (person?.unlessInterrupted(setting) ?? setting);
      } catch (error) {
        if (error instanceof Interrupted) printError(`\nWhat was written stands: ${commandHint('init')} goes on from there.`);
        throw error;
      } finally {
        person?.close();
      }
      const { endSoon } = await import('../../adapters/system/index.ts');
      // A connection that is closing is waited for by nobody.
      endSoon(ok ? EXIT.ok : EXIT.bad);
    });
};

const budgetOf = (written: string): number | 'none' => (written.trim().toLowerCase() === 'none' ? 'none' : dollarsIn(written));

/** Flags that hold secrets, in the order in which lines of standard input answer them. */
const SECRET_FLAGS = ['modelKey', 'telegramToken', 'apiHash', 'notionKey'] as const;
type SecretFlag = (typeof SECRET_FLAGS)[number];

/** As it is written: `--model-key`. */
const written = (flag: SecretFlag): string => `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** The flags with secrets that standard input, the person or a variable holds. */
const withSecrets = async (flags: InitFlags, person: Prompt | undefined): Promise<InitFlags> => {
  const piped = SECRET_FLAGS.some((flag) => flags[flag] === '-') && process.stdin.isTTY !== true;
  const lines = piped ? (await text(process.stdin)).split(/\r?\n/) : [];
  const found: Partial<Record<SecretFlag, string>> = {};
  for (const flag of SECRET_FLAGS) {
    const [, variable] = /^env:(.+)$/.exec(flags[flag] ?? '') ?? [];
    if (variable === undefined && flags[flag] !== '-') continue;
    const secret =
      variable !== undefined
        ? process.env[variable]
        : person
          ? await person.ask(`${written(flag)} (nothing is shown): `, { secret: true })
          : lines.shift()?.trim();
    if (!secret)
      throw new UsageError(
        variable === undefined
          ? `${written(flag)} -: standard input has no line for it`
          : `${written(flag)}: the variable ${variable} is not set`,
        'usage/no-secret',
      );
    found[flag] = secret;
  }
  return { ...flags, ...found };
};

/** Runs the steps one after the other. What each has found is written before the next begins. */
const setUp = async (flags: InitFlags, person: Prompt | undefined): Promise<boolean> => {
  const [{ openSetupFiles }, { modelStep }, { openBot, telegramStep }, { peopleStep }, { workspaceStep }, { notionStep }, small, ping] =
    await Promise.all([
      import('../setup/setup-files.ts'),
      import('../setup/model-step.ts'),
      import('../setup/telegram-step.ts'),
      import('../setup/people-step.ts'),
      import('../setup/workspace-step.ts'),
      import('../setup/notion-step.ts'),
      import('../setup/small-steps.ts'),
      import('../setup/ping-step.ts'),
    ]);
  const cwd = process.cwd();
  const files = openSetupFiles({
    env: process.env,
    cwd,
    stamp: new Date().toISOString().replace('Z', '').replaceAll(/[:.]/g, '-'),
  });
  let opened: Promise<BotSetup | undefined> | undefined;
  const setup: Setup = {
    files,
    flags,
    cwd,
    ...present({ person }),
    say: print,
    tell: (step, words) => print(`  ${step.padEnd(10)} ${words}`),
    bot: () => {
      opened ??= openBot(files.config()).catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
      return opened;
    },
  };
  await requireAnswers(setup);
  print(`Sets Kept up in ${cwd}.${person ? ' Ctrl-C stops; what is written by then stands.' : ''}`);
  try {
    const { dataDir, config } = flags;
    const places = present({ KEPT_DATA_DIR: dataDir, KEPT_CONFIG: config });
    if (Object.keys(places).length > 0)
      files.write({ variables: places, ...(config === undefined ? {} : { workspaces: (before) => before }) });
    await modelStep(setup);
    await telegramStep(setup, (bot) => {
      opened = Promise.resolve(bot);
    });
    await peopleStep(setup);
    const workspace = await workspaceStep(setup);
    await notionStep(setup, workspace);
    await small.codingStep(setup, workspace);
    await small.budgetStep(setup);
  } finally {
    const bot = await opened?.catch(() => undefined);
    await bot?.close();
  }
  const loaded = loadProcessConfig();
  if (!loaded.ok) throw new ConfigError(loaded.error, 'Nothing was started.');
  const ok = await ping.pingStep(setup, loaded.value);
  const telegram = loaded.value.telegram;
  print(
    `\n${ok ? 'Kept is set up.' : 'Kept is set up, and a ping failed.'} Next: ${commandHint('start')}${telegram ? ', then write to it on Telegram' : `, then ${commandHint('chat')}`}.`,
  );
  return ok;
};

/** Where nobody can be asked, everything that is missing is told at once. */
const requireAnswers = async (setup: Setup): Promise<void> => {
  if (setup.person) return;
  const { missingFlags } = await import('../setup/missing-flags.ts');
  const lacks = [...(setup.flags.yes ? [] : ['--yes (nobody is asked)']), ...missingFlags(setup)];
  if (lacks.length === 0) return;
  const why = setup.flags.yes ? 'with --yes nobody is asked' : 'there is no terminal to ask in';
  throw new UsageError(`${why}, and these are missing:\n${lacks.map((each) => `  ${each}`).join('\n')}`, 'usage/missing-flags');
};
