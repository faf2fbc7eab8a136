import { accessSync, constants, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type KeyValueState, reasonOf } from '../../src/ports/index.ts';
import { WrongSettings } from './settings.ts';

/** Creates the directory if it is missing. Throws WrongSettings if it cannot be written. */
export const openDirectory = (directory: string): void => {
  try {
    mkdirSync(directory, { recursive: true });
    accessSync(directory, constants.W_OK);
  } catch (error) {
    throw new WrongSettings(`${directory} can't be written (${reasonOf(error)}): name another directory with --out`);
  }
};

/**
 * Sessions, and questions that last for days, in a file that only its owner can read: it gives access to the accounts.
 */
export const openKeptState = (path: string): ((part: string) => KeyValueState) => {
  const entries = new Map<string, string>(existsSync(path) ? Object.entries(JSON.parse(readFileSync(path, 'utf8'))) : []);
  const write = (): void => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(`${path}.new`, JSON.stringify(Object.fromEntries(entries)), { mode: 0o600 });
    renameSync(`${path}.new`, path);
  };
  return (part) => ({
    get: async (key) => entries.get(`${part}/${key}`),
    set: async (changes) => {
      for (const [key, value] of changes)
        if (value === undefined) entries.delete(`${part}/${key}`);
        else entries.set(`${part}/${key}`, value);
      write();
    },
    list: async (prefix) => {
      const from = `${part}/${prefix}`;
      return new Map([...entries].filter(([key]) => key.startsWith(from)).map(([key, value]) => [key.slice(part.length + 1), value]));
    },
  });
};
