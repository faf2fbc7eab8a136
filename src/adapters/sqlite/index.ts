export { makeSqliteChangeFeed, type SqliteChangeFeed } from './change-feed.ts';
export { makeSqliteQueue } from './queue.ts';
export { openSqliteStorage, type SqliteStorage } from './storage.ts';
