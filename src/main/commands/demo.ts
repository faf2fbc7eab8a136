import type { Command } from 'commander';
import { readProcessConfig } from '../../config/process-config.ts';
import { plural } from '../../domain/shared/plural.ts';
import { CommandError, EXIT, print } from '../failures.ts';

export const addDemo = (program: Command): void => {
  program
    .command('demo')
    .description('show every agent and tool at work, offline, in a temporary directory; takes less than two minutes')
    .option('--keep', 'leave the directory of the demonstration where it is')
    .action(async ({ keep = readProcessConfig().config.preservesTempFiles }: { keep?: boolean }) => {
      const [{ runDemo }, { StepError }] = await Promise.all([import('../demo/run-demo.ts'), import('../demo/stage.ts')]);
      const quit = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => quit.abort());
      const failed = await runDemo({ keep, signal: quit.signal, print }).catch((error: unknown) => {
        throw error instanceof StepError ? new CommandError(error.message, 'demo/no-place') : error;
      });
      if (quit.signal.aborted) print('Ended early.');
      else print(failed === 0 ? '\nEvery step worked.' : `\n${plural(failed, 'step')} failed.`);
      if (failed > 0 || quit.signal.aborted) process.exitCode = EXIT.bad;
    });
};
