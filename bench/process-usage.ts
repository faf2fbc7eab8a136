import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';

export interface Usage {
  readonly cpuMs: number;
  readonly memoryMiB: number;
}

const TICK_MS = 1_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** What a process has used of the CPU so far, and holds of memory (resident) now. Linux alone tells. */
export const usageOf = async (pid: number): Promise<Usage> => {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The name of the program stands in brackets, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const kiB = /^VmRSS:\s+(\d+) kB$/m.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpuMs: (Number(fields[11]) + Number(fields[12])) * TICK_MS, memoryMiB: Number(kiB) / 1024 };
};
