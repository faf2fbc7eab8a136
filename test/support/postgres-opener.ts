import { openPostgresStorage } from '../../src/adapters/postgres/storage.ts';

// A process that opens the PostgreSQL storage at the URL that it is given, and nothing else.
const [url = ''] = process.argv.slice(2);
await (await openPostgresStorage({ url })).close();
