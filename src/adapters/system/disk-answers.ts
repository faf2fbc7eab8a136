import { spawn } from 'node:child_process';

/** How long a disk may take to answer, the start of the child process included. */
const ANSWER_MS = 5_000;

/** The first entry of a directory, and the room on its disk: what is cached here answers neither. */
const LOOK = `
const fs = require('node:fs');
const [, directory] = process.argv;
const list = () => {
  const opened = fs.opendirSync(directory);
  opened.readSync();
  opened.closeSync();
};
for (const look of [() => fs.statfsSync(directory), list]) {
  try { look(); } catch { /* An error is an answer. */ }
}`;

/**
 * Whether the disk of `directory` answers, be it with an error. A child process asks it: a call that hangs holds a
 * thread of its process, which then can't end. Where no child can be started, nobody can tell:
 * the disk is taken to answer.
 */
export const diskAnswers = (directory: string, limitMs = ANSWER_MS): Promise<boolean> => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const child = spawn(process.execPath, ['-e', LOOK, '--', directory], { stdio: 'ignore', windowsHide: true });
  const limit = setTimeout(() => {
    // A child that hangs may outlive even this signal: nobody waits for it.
    child.kill('SIGKILL');
    child.unref();
    resolve(false);
  }, limitMs);
  const answered = (): void => {
    clearTimeout(limit);
    resolve(true);
  };
  child.once('exit', answered);
  child.once('error', answered);
  return promise;
};
