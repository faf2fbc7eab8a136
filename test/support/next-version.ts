/**
 * Makes a process of Kept one of the next version, whose tables have grown: `node --import` loads this before it.
 */
import { MIGRATIONS as POSTGRES } from '../../src/adapters/postgres/migrations/index.ts';
import { MIGRATIONS as SQLITE } from '../../src/adapters/sqlite/migrations/index.ts';
import { NEXT } from './next-migrations.ts';

SQLITE.push(NEXT);
POSTGRES.push(NEXT);
