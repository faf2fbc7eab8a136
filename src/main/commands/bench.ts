import { setMaxListeners } from 'node:events';
import type { Command } from 'commander';
import { formatTable } from '../../adapters/terminal/index.ts';
import { bytesWords, commandHint } from '../../domain/index.ts';
import { durationWords } from '../../domain/shared/duration.ts';
import { isPortError } from '../../ports/index.ts';
import { CommandError, EXIT, print, printError } from '../failures.ts';
import { keepAlive } from '../keep-alive.ts';
import { openDataDir } from '../open-data-dir.ts';
import type { Speed } from '../self-bench/in-turns.ts';
import type { SelfFigures, Step } from '../self-bench/measure-self.ts';
import { carriesOf, TELEGRAM_PER_SECOND } from '../self-bench/sizing.ts';
import { argument, benchSecondsOf } from './arguments.ts';
import { loadConfigToLook, printJson, tableStyle } from './outcome.ts';
import { WHERE_DATA_IS } from './with-context.ts';

const DEFAULT_SECONDS = 120;

export const addBench = (program: Command): void => {
  const bench = program.command('bench').description('measure what this machine can carry');
  bench
    .command('self')
    .description('measure messages, promises and the disk in two minutes, on an empty database beside your data')
    .option('--seconds <number>', 'about how long it takes, 5 to 3600', argument(benchSecondsOf), DEFAULT_SECONDS)
    .option('--json', 'as JSON')
    .action(async ({ seconds, json }: { seconds: number; json?: boolean }) => {
      const { config } = loadConfigToLook(...WHERE_DATA_IS);
      openDataDir(config.dataDir);
      const interrupted = new AbortController();
      setMaxListeners(0, interrupted.signal);
      const onInterrupt = (): void =>
        interrupted.abort(new CommandError('interrupted: what was measured so far is dropped', 'command/interrupted', EXIT.interrupted));
      process.once('SIGINT', onInterrupt).once('SIGTERM', onInterrupt);
      const { measureSelf } = await import('../self-bench/measure-self.ts');
      try {
        const figures = await keepAlive(
          measureSelf(config, {
            ms: seconds * 1_000,
            signal: interrupted.signal,
            onStep: (step) => printError(`measuring ${STEPS[step]} …`),
          }),
        );
        if (json) return printJson(viewOf(figures));
        print(linesOf(figures).join('\n'));
      } catch (error) {
        if (isPortError(error) && error.code === 'unauthorised')
          throw new CommandError(
            `${error.message}. To measure, an empty database is made and removed: let the user make one (ALTER ROLE … CREATEDB), or set DATABASE_URL to a server for tests.`,
            'bench/no-database',
          );
        throw error;
      } finally {
        process.off('SIGINT', onInterrupt).off('SIGTERM', onInterrupt);
      }
    });
};

const STEPS: Readonly<Record<Step, string>> = {
  disk: 'the disk',
  oneAtATime: 'messages, one at a time',
  sideBySide: 'messages of 20 people at once',
  promises: 'promises',
};

const viewOf = (figures: SelfFigures) => {
  const { machine, disk, oneAtATime, sideBySide, promises, memoryBytes } = figures;
  return { machine, disk, messages: { oneAtATime, sideBySide }, promises, memoryBytes, carries: carriesOf(figures) };
};

const ENGINES = { sqlite: 'SQLite', postgres: 'PostgreSQL' } as const;
const count = (value: number): string => (value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US'));

const linesOf = (figures: SelfFigures): readonly string[] => {
  const { machine, disk, memoryBytes } = figures;
  const carries = carriesOf(figures);
  const row = (what: string, { perSecond, p50Ms, p95Ms }: Speed) => ({
    what,
    rate: `${count(perSecond)}/s`,
    p50: durationWords(p50Ms),
    p95: durationWords(p95Ms),
  });
  return [
    `${machine.cores} cores (${machine.processor}), ${bytesWords(machine.memoryBytes)} of memory, Node ${machine.node}, ${ENGINES[machine.engine]}.`,
    '',
    formatTable(
      [
        { what: 'writes that survive a power loss', rate: `${count(disk.syncsPerSecond)}/s`, p50: durationWords(disk.syncP50Ms), p95: '' },
        row('messages, one at a time', figures.oneAtATime),
        row('messages of 20 people at once', figures.sideBySide),
        row('promises, 200 at once', figures.promises),
      ],
      [
        { key: 'what', title: 'MEASURED' },
        { key: 'rate', title: 'RATE', align: 'right' },
        { key: 'p50', title: 'P50', align: 'right' },
        { key: 'p95', title: 'P95', align: 'right' },
      ],
      tableStyle(),
    ),
    '',
    `A message is received, answered and delivered, a promise is made, kept and delivered; models, Telegram and the work itself take no time here. This process took ${bytesWords(memoryBytes)} of memory.`,
    '',
    'What it can carry day by day, with two thirds left for bursts:',
    `  ${count(carries.messagesPerSecond)} messages a second: ${carries.peopleAMinute.toLocaleString('en-US')} people who each write once a minute`,
    `  ${carries.promisesPerHour.toLocaleString('en-US')} promises an hour, beside the time that their work takes`,
    ...(carries.isLimitedByTelegram ? [`  Telegram is slower: it lets one bot send ${TELEGRAM_PER_SECOND} messages a second.`] : []),
    ...(disk.syncsPerSecond < 100
      ? [
          `  This disk is slow to store: ${durationWords(disk.syncP50Ms)} a write. A disk of its own for the data directory (KEPT_DATA_DIR) helps most.`,
        ]
      : []),
    '',
    `${commandHint('stats')} tells what your own installation does.`,
  ];
};
