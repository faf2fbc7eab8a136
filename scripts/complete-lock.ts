/** Run after npm has written package-lock.json (`npm run lock`): see `completeLock`. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { completeLock, type Lockfile, shipsBinaries } from './lockfile.ts';

const path = join(import.meta.dirname, '../package-lock.json');
const before = readFileSync(path, 'utf8');
const lock: Lockfile = JSON.parse(before);
const after = `${JSON.stringify(completeLock(lock, shipsBinaries), null, 2)}\n`;
writeFileSync(path, after);
console.log(before === after ? 'package-lock.json was complete' : 'package-lock.json completed');
