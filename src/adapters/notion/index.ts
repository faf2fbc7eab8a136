export { listDatabases, type SharedDatabase } from './list-databases.ts';
export { makeNotionDatabase, type NotionOptions } from './notion-database.ts';
