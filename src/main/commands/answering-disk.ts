import { diskAnswers } from '../../adapters/system/index.ts';
import { dataDirOf } from '../../config/index.ts';
import { commandHint } from '../../domain/index.ts';
import { CommandError } from '../failures.ts';
import { HUNG_HINT } from '../hung-disk.ts';

/** Throws CommandError where the disk of the data directory does not answer. Asked before anything else looks at it. */
export const requireAnsweringDisk = async (exitCode?: number): Promise<void> => {
  const dataDir = dataDirOf();
  if (await diskAnswers(dataDir)) return;
  throw new CommandError(
    `the disk of ${dataDir} does not answer: ${HUNG_HINT}; ${commandHint('doctor')} tells more`,
    'data/no-answer',
    exitCode,
  );
};
