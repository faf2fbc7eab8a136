import type { Command } from 'commander';
import { makeRedactor } from '../../adapters/redaction/index.ts';
import { stripControl } from '../../adapters/terminal/index.ts';
import type { Diagnosis } from '../../application/index.ts';
import { dataDirOf, readProcessConfig } from '../../config/index.ts';
import { type HealthReport, summarise } from '../../domain/index.ts';
import { reasonOf } from '../../ports/index.ts';
import { print, printError, UsageError } from '../failures.ts';
import { findHung, type Hung } from '../hung-disk.ts';
import { keepAlive } from '../keep-alive.ts';
import { isConfirmed } from '../prompt.ts';
import { HEALTH_EXIT_CODES, healthLines } from './health.ts';
import { printJson } from './outcome.ts';

interface DoctorOptions {
  readonly json?: boolean;
  readonly only?: readonly string[];
  readonly skip?: readonly string[];
  readonly deep?: boolean;
  readonly fix?: boolean;
  readonly yes?: boolean;
  readonly report?: boolean;
}

export const addDoctor = (program: Command): void => {
  program
    .command('doctor')
    .description('look for what is wrong with this installation, and say how to mend it; exit codes as those of health')
    .option('--json', 'as JSON')
    .option('--only <ids>', 'only these checks or areas, with commas: storage,config.env', ids)
    .option('--skip <ids>', 'all but these checks or areas', ids)
    .option('--deep', 'also what costs money, such as a test question to each agent, or starts a program')
    .option('--fix', 'mend what can be mended without you; what that is, is listed and asked first')
    .option('--yes', 'with --fix: do not ask')
    .option('--report', 'one text to paste where somebody helps, without secrets')
    .action(doctor);
};

const ids = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map((id) => id.trim())
    .filter((id) => id !== ''),
];

const doctor = async ({ json, only, skip, deep, fix, yes, report }: DoctorOptions): Promise<void> => {
  if (yes && !fix) throw new UsageError('--yes says yes to the repairs of --fix: add --fix', 'usage/yes-without-fix');
  if (report && (json || fix)) throw new UsageError('--report is a text of its own: leave --json and --fix out', 'usage/report-alone');
  const [{ examine }, { makePinoLogger }] = await Promise.all([import('../doctor/examine.ts'), import('../../adapters/pino/index.ts')]);
  let hung: Hung | undefined;
  const look = async (): Promise<Diagnosis> => {
    // Read anew each time: a repair may have changed what it says.
    hung = await findHung(dataDirOf());
    const read = readProcessConfig(process.env, process.cwd(), { looksAtData: hung !== 'data' });
    const { logger } = makePinoLogger({ level: 'error', terminal: 'none', redact: makeRedactor(read.config.secrets) });
    return keepAlive(examine(read, logger, { only, skip, deep }, { hung }));
  };
  let found = await look();
  if (fix && (await repaired(found, { yes: yes === true, isQuiet: json === true }))) found = await look();
  const health = summarise(found.checks);
  process.exitCode = HEALTH_EXIT_CODES[health.status];
  if (report) return printReport(health, hung);
  if (json) return printJson(health);
  print(stripControl(healthLines(health)));
};

/** Lists the repairs, asks, and does them. Whether anything was done. */
const repaired = async (found: Diagnosis, { yes, isQuiet }: { readonly yes: boolean; readonly isQuiet: boolean }): Promise<boolean> => {
  const repairs = await found.repairs();
  // Standard output is for the result alone where a program reads it.
  const tell = (text: string): void => (isQuiet ? printError : print)(stripControl(text));
  if (repairs.length === 0) {
    tell('Nothing is wrong that --fix can mend.\n');
    return false;
  }
  if (!isQuiet) print(`${stripControl(healthLines(summarise(found.checks)))}\n`);
  tell(`Repairs:\n${repairs.map(({ id, words }) => `  ${id.padEnd(18)} ${words}`).join('\n')}\n`);
  if (!yes && !(await isAgreed(repairs.length))) {
    tell('Nothing was changed.\n');
    return false;
  }
  for (const { id, words, run } of repairs) {
    try {
      await run();
      tell(`  done     ${id}: ${words}`);
    } catch (error) {
      tell(`  not done ${id}: ${words}: ${reasonOf(error)}`);
    }
  }
  tell('');
  return true;
};

const isAgreed = async (count: number): Promise<boolean> => {
  if (process.stdin.isTTY !== true)
    throw new UsageError('nothing was changed: repairs need a yes, on a terminal or by --yes', 'usage/not-confirmed');
  return isConfirmed(`Do ${count === 1 ? 'this' : `these ${count}`}?`);
};

const printReport = async (report: HealthReport, hung: Hung | undefined): Promise<void> => {
  const { config } = readProcessConfig(process.env, process.cwd(), { looksAtData: hung !== 'data' });
  const { reportText } = await import('../doctor/report.ts');
  print(stripControl(reportText({ config, report, at: new Date(), hung }, makeRedactor(config.secrets))));
};
