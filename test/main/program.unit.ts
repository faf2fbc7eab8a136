import { strict as assert } from 'node:assert';
import { execFileSync } from 'node:child_process';
import { type Command, CommanderError } from 'commander';
import { ProcessLockHeldError } from '../../src/adapters/system/index.ts';
import { completionFor } from '../../src/main/commands/completion.ts';
import { failed, plainUsage, wantsJson } from '../../src/main/commands/failure.ts';
import { HEALTH_EXIT_CODES } from '../../src/main/commands/health.ts';
import { usageExit } from '../../src/main/commands/outcome.ts';
import { CommandError, ConfigError } from '../../src/main/failures.ts';
import { asHelpOption } from '../../src/main/help-words.ts';
import { COMMANDS, makeProgram } from '../../src/main/program.ts';
import { PortError } from '../../src/ports/index.ts';

/** What is refused before any command begins. */
describe('the command line', () => {
  const refusalOf = async (...words: string[]): Promise<CommanderError> => {
    const program = await makeProgram({ quiet: true });
    try {
      await program.parseAsync([...asHelpOption(program, words)], { from: 'user' });
    } catch (error) {
      if (error instanceof CommanderError) return error;
      throw error;
    }
    throw new Error(`${words.join(' ')} was not refused`);
  };

  for (const [words, message] of [
    ['nope', /^error: unknown command 'nope'$/],
    ['strat', /^error: unknown command 'strat'\n\(Did you mean start\?\)$/],
    ['help nope', /^error: unknown command 'nope'$/],
    ['help strat', /Did you mean start\?/],
    ['promises nope', /^error: unknown command 'nope'$/],
    ['help promises nope', /^error: unknown command 'nope'$/],
    ['promises help lst', /unknown command 'lst'\n\(Did you mean list\?\)/],
    ['help chat nope', /^error: unknown command 'chat nope'$/],
    ['config chek', /Did you mean check\?/],
  ] as const)
    it(`refuses "${words}" as an unknown command, without the usage of all`, async () => {
      const refusal = await refusalOf(...words.split(' '));
      assert.equal(refusal.code, 'commander.unknownCommand');
      assert.match(refusal.message, message);
    });

  it('loads the command that is asked for, and all where none is', async () => {
    const namesFor = async (...words: string[]) => (await makeProgram({ quiet: true, words })).commands.map((command) => command.name());
    const all = COMMANDS.flatMap(([names]) => names);
    for (const [names] of COMMANDS)
      for (const name of names) assert.deepEqual(await namesFor(name, '--json'), name === 'completion' ? all : names);
    for (const words of [[], ['help', 'start'], ['nope'], ['--help'], ['--version', 'start']])
      assert.deepEqual(await namesFor(...words), all);
    for (const word of ['--version', '-V']) assert.deepEqual(await namesFor(word), []);
  });

  it('shows the help of each command, at any depth', async () => {
    const program = await makeProgram({ quiet: true });
    assert.deepEqual(asHelpOption(program, ['help', 'promises', 'list']), ['promises', 'list', '--help']);
    assert.deepEqual(asHelpOption(program, ['promises', 'help', 'list']), ['promises', 'list', '--help']);
    assert.deepEqual(asHelpOption(program, ['help']), ['--help']);
    for (const words of [['promises', 'make', 'help'], ['chat'], ['help me'], []]) assert.deepEqual(asHelpOption(program, words), words);
  });

  it('wraps the help of every command at the width of the terminal, and gives each number its unit', async () => {
    const helpOf = (command: Command): readonly (readonly [name: string, line: string])[] => {
      let text = '';
      command.configureOutput({ writeOut: (part) => (text += part), getOutHelpWidth: () => 80 }).outputHelp();
      return [...text.split('\n').map((line) => [command.name(), line] as const), ...command.commands.flatMap(helpOf)];
    };
    const lines = helpOf(await makeProgram({ quiet: true }));
    assert.ok(lines.length > 200, 'the helps of all commands');
    assert.deepEqual(
      lines.filter(([, line]) => line.length > 80),
      [],
    );
    assert.deepEqual(
      lines.filter(([, line]) => /default: \d{4,}\)/.test(line)),
      [],
    );
  });

  for (const words of [
    ['login', '--phone', 'abc'],
    ['login', '--phone', ''],
    ['promises', 'make', ' '],
    ['promises', 'make', 'x', '--at', 'soon'],
    ['promises', 'make', 'x', '--deadline', '1y'],
    ['promises', 'make', 'x', '--type', 'nope'],
    ['promises', 'purge', '--older-than', '1 year'],
    ['promises', 'list', '--chat', 'abc'],
    ['schedules', 'make', 'x', '--cron', 'often'],
    ['schedules', 'make', 'x', '--cron', '@daily', '--time-zone', 'Moon/Crater'],
    ['stop', '--timeout', '0'],
    ['explain', 'x'],
    ['chat', '--chat', 'telegram:7'],
  ])
    it(`refuses "${words.join(' ')}" before it looks at the configuration`, async () => {
      assert.equal((await refusalOf(...words)).code, 'commander.invalidArgument');
    });

  it('reports a wrong value once, and names the option', async () => {
    for (const [words, said] of [
      [['promises', 'show', 'abc'], 'a promise number must be a whole number from 1 on, not "abc"'],
      [['explain', '0'], 'a message number must be a whole number from 1 on, not "0"'],
      [['promises', 'list', '--limit', '0'], '--limit: a limit must be a whole number from 1 to 10000, not "0"'],
      [['stop', '--timeout', "1'y"], '--timeout: "1\'y" is not a span of time: write 90s, 90m, 12h, 7d, 1w, 1h30m or PT90M'],
      [
        ['promises', 'list', '--status', 'nope'],
        "option '--status <status...>' argument 'nope' is invalid. Allowed choices are waiting, pending, in_progress, completed, failed, cancelled.",
      ],
    ] as const)
      assert.equal(plainUsage((await refusalOf(...words)).message), `error: ${said}`);
  });

  it('accepts the number of a message as terminal and page show it', async () => {
    process.env.KEPT_DATA_DIR = '/nowhere/at/all';
    try {
      await assert.rejects((await makeProgram({ quiet: true })).parseAsync(['explain', '#12'], { from: 'user' }), CommandError);
    } finally {
      delete process.env.KEPT_DATA_DIR;
    }
  });

  it('accepts choices in any case', async () => {
    // The action begins, and finds no data: the words were right.
    process.env.KEPT_DATA_DIR = '/nowhere/at/all';
    const program = await makeProgram({ quiet: true });
    try {
      await assert.rejects(
        program.parseAsync(['promises', 'list', '--status', 'Completed', 'IN-PROGRESS'], { from: 'user' }),
        CommandError,
      );
    } finally {
      delete process.env.KEPT_DATA_DIR;
    }
  });

  describe('with --json', () => {
    const told = (error: unknown): { exitCode: number; error: { code: string; message: string; hint?: string } } => {
      const write = process.stdout.write;
      let text = '';
      process.stdout.write = ((chunk: string) => {
        text += chunk;
        return true;
      }) as typeof write;
      try {
        const exitCode = failed(error, { json: true });
        return { exitCode, ...JSON.parse(text) };
      } finally {
        process.stdout.write = write;
      }
    };

    it('prints every failure as JSON on standard output, with the usual exit code', async () => {
      const usage = told(await refusalOf('strat'));
      assert.deepEqual(usage, {
        exitCode: 2,
        error: { code: 'usage/unknown-command', message: "unknown command 'strat'", hint: 'Did you mean start?' },
      });
      assert.equal(told(await refusalOf('promises', 'show', 'x')).error.code, 'usage/invalid-argument');
      assert.deepEqual(told(new CommandError('there is no promise #9', 'promise/not-found')), {
        exitCode: 1,
        error: { code: 'promise/not-found', message: 'there is no promise #9' },
      });
      assert.deepEqual(told(new PortError('storage-full', 'the disk is full', { retryable: true })).error.code, 'port/storage-full');
      // Another one that has begun to start since this command looked: no fault of the program.
      assert.deepEqual(told(new ProcessLockHeldError('kept', '/data', 12)), {
        exitCode: 1,
        error: { code: 'lock/held', message: 'kept is running on /data already (PID 12)' },
      });
      const config = told(new ConfigError([{ place: 'PORT', problem: 'is none', hint: 'give one', severity: 'error' }]));
      assert.deepEqual([config.exitCode, config.error.code, config.error.message], [78, 'config/invalid', 'PORT: is none']);
    });

    it('tells a usage error of health and doctor from their verdict that something is unhealthy', () => {
      for (const words of [
        ['health', '--jsn'],
        ['doctor', '--only', 'x'],
      ])
        assert.equal(usageExit(words), 64);
      for (const words of [['status', '--jsn'], ['promises', 'health'], []]) assert.equal(usageExit(words), 2);
      assert.equal(HEALTH_EXIT_CODES.unhealthy, 2);
    });

    it('recognises --json everywhere except after --', () => {
      assert.ok(wantsJson(['promises', 'show', '99', '--json']));
      assert.ok(!wantsJson(['promises', 'make', '--', '--json']));
    });
  });

  it('prints a completion script from which bash completes commands and options', async () => {
    const program = await makeProgram({ quiet: true });
    const complete = (...words: string[]): string =>
      execFileSync(
        'bash',
        [
          '-c',
          `${completionFor('bash', program)}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _kept; echo "\${COMPREPLY[*]}"`,
          'bash',
          ...words,
        ],
        { encoding: 'utf8' },
      ).trim();
    assert.equal(complete('kept', 'st'), 'start stop status stats');
    assert.equal(complete('kept', 'promises', 'p'), 'purge');
    assert.equal(complete('kept', 'promises', 'list', '--status', 'c'), 'completed cancelled');
    assert.equal(complete('kept', 'promises', 'list', '--status', 'failed', '--ty'), '--type');
    for (const shell of ['zsh', 'fish'] as const) assert.match(completionFor(shell, program), /promises list/);
  });
});
