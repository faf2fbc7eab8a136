export { makeNotionDatabase, type NotionOptions } from './notion-database.ts';
