/** Fails when code is too long or a comment too wide to read. Takes the root to check; the repository by default. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSizes } from './sizes.ts';

/** A check that finds nothing to check has not passed. */
const FEWEST_FILES = 5;

const root = process.argv[2] ?? join(import.meta.dirname, '..');
const files = globSync('{src,scripts,examples,test,bench}/**/*.{ts,js,mjs}', { cwd: root }).toSorted();
const violations = checkSizes(new Map(files.map((file) => [file.replaceAll('\\', '/'), readFileSync(join(root, file), 'utf8')])));

for (const { file, line, rule, detail } of violations) console.error(`${file}:${line}: ${rule}: ${detail}`);
if (files.length < FEWEST_FILES) console.error(`src:1: at least ${FEWEST_FILES} files are checked: saw ${files.length}`);

if (violations.length > 0 || files.length < FEWEST_FILES) process.exitCode = 1;
else console.log(`sizes: ${files.length} files, no violation`);
