import { createRequire } from 'node:module';

/** This package's version. `package.json` is two folders above both `src/main` and `dist/main`. */
export const VERSION: string = (createRequire(import.meta.url)('../../package.json') as { version: string }).version;
