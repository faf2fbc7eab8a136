import { readFileSync } from 'node:fs';
import { BOT_LOCK, infoPath } from './data-dir.ts';
import type { Started } from './run-process.ts';

/**
 * What the bot with that PID told of itself once it had started; undefined until then. One that crashed has left its
 * own words behind.
 */
export const readStarted = (dataDir: string, pid: number): Started | undefined => {
  try {
    const started = JSON.parse(readFileSync(infoPath(dataDir), 'utf8')) as Started | null;
    return started?.pid === pid ? started : undefined;
  } catch {
    // Half written, damaged, or no file: it is as good as none.
    return undefined;
  }
};

/** Whether none of the processes that run on this data keeps promises. One that still starts may. */
export const nobodyWorks = (dataDir: string, processes: readonly { readonly role: string; readonly pid: number }[]): boolean =>
  processes.every(({ role, pid }) => role === BOT_LOCK && readStarted(dataDir, pid)?.role === 'bot');

/** What is said of a process that was stopped by a signal. */
export const pausedWords = (pid: number): string => `PID ${pid} is suspended (SIGSTOP) and does nothing: \`kill -CONT ${pid}\` resumes it`;
