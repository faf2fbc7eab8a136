import { appendFileSync } from 'node:fs';
import { reasonOf } from '../../ports/index.ts';

/** Adds lines to the log of the demonstration. Never throws: without its log, the demonstration goes on. */
export type Note = (text: string) => void;

/** The first line that can't be written is told, once; those that can be written later are. */
export const makeNote = (file: string, print: (line: string) => void): Note => {
  let isTold = false;
  return (text) => {
    try {
      appendFileSync(file, `${text}\n`);
    } catch (error) {
      if (isTold) return;
      isTold = true;
      print(`The log has gaps: ${file} can't be written (${reasonOf(error)}). The demonstration goes on.`);
    }
  };
};
