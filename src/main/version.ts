import { createRequire } from 'node:module';

/** This package's version. `package.json` stands two folders up from `src/main` and `dist/main` alike. */
export const VERSION: string = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
