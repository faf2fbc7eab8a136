export * from './change-feed.ts';
export * from './leadership.ts';
export * from './storage.ts';
